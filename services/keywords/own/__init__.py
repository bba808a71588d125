"""Words of a caller's own: learned from recordings, kept for their owner alone, and heard beside the model's words."""
