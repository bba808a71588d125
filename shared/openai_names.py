"""OpenAI's names of models, so that their clients work unchanged: each means one of ours."""

SPEECH_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
"""Those that speak; all mean the same here."""
TRANSCRIPTION_MODELS = (
    *("whisper-1", "gpt-transcribe", "gpt-4o-transcribe", "gpt-4o-transcribe-diarize"),
    *("gpt-4o-mini-transcribe", "gpt-4o-mini-transcribe-2025-12-15"),
)
"""Those that write down speech; each means the default."""
