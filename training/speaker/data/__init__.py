"""Recordings of voices: whose they are, how old, where they lie, and on which side of the split."""
