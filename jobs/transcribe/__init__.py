"""Speech-to-text over a bucket: the image of services/stt with another command (docs/batch.md)."""
