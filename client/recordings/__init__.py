"""Calls about recordings, many at once: what the commands that send files have in common."""
