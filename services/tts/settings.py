"""Settings of the TTS service."""

from pydantic import Field

from shared.settings import ModelSettings


class TTSSettings(ModelSettings):
    """Read from `TIMBRE_<FIELD>`."""

    tts_engines: tuple[str, ...] = ("flite", "espeak", "trained")
    """Engines to start, in the order their voices are listed; a voice whose name one before it has is left out.
    `trained` speaks with all models for `speech-synthesis` in the store, as they come and go."""
    coqui_models: str = "coqui-models"
    """Folder with a folder for each model that Coqui trained, for the engine `coqui`, which needs packages of its own
    and is not started by default. A model whose licence nobody tells is taken to allow no commercial use."""
    default_voice: str = "slt"
    """Voice of a request that names none, or one of OpenAI's that is not mapped."""
    data: str = ".timbre/data"
    """Where lexicons of the callers' own are kept, below `lexicons/`: a folder or s3://bucket/prefix."""
    max_input_characters: int = Field(default=1_000_000, ge=1)
    """Longest input of one speech request, markup included; of the gateway's calls, see there."""
    requests_at_once: int = Field(default=16, ge=1)
    """Speech requests that are answered at once; each takes an engine slot only for one sentence at a time."""
    tts_threads: int = Field(default=1, ge=1, le=64)
    """Threads that one sentence of a trained voice is worked on by. More slots speak more sentences a second than more
    threads do."""
    sentence_timeout_seconds: float = Field(default=30.0, gt=0)
    """Longest time an engine may take for one sentence."""
