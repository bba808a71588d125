"""Timbre as AWS's own clients see it: Polly, Comprehend and Transcribe, signed with SigV4."""
