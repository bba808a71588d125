"""Spoken commands: from folders of recordings to a recogniser's model folder."""
