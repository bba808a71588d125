"""Recordings whose speaker's age and gender are predicted: how that is asked for, and where the results are kept."""
