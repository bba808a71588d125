"""What is wrong with recordings that a voice is to learn from, before days are spent on it."""
