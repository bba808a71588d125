"""Amazon Transcribe: recordings written down, vocabularies, filters."""
