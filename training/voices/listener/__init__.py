"""Hears how something is said: a classifier of emotions that shares nothing with the voices it is asked about."""
