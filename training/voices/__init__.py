"""Voices of one's own: from a folder of recordings to a voice that is served."""
