"""Age and gender of a voice."""
