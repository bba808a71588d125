"""Training of the networks that hear spoken commands."""
