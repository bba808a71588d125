"""Ways to run Timbre."""
