"""Speech as text from a shell: `timbre transcribe`."""
