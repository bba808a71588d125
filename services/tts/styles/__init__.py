"""How speech is shaped after the engine: emotion, SSML prosody, emphasis, pauses, loudness."""
