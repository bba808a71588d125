"""Spoken commands from a shell: `timbre keywords` hears them, `timbre words` keeps words of one's own."""
