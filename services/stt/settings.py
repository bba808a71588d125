"""Settings of the speech-to-text service."""

from pydantic import Field

from shared.audio.settings import ListeningSettings
from shared.settings import names_in


class SttSettings(ListeningSettings):
    """Read from `TIMBRE_<FIELD>`."""

    stt_engine: str = "pocketsphinx"
    """Engine that writes down speech where no model is named: `pocketsphinx`, which carries its English model, or
    `fake`, which makes words of notes, for trials."""
    stt_model: str = ""
    """Name of the model in the store that is the default; its manifest says which engine runs it."""
    stt_further_models: str = ""
    """More models that calls may name, with commas between them: of the store, or engines that need no model. What the
    store does not have, or what is damaged there, is left out, and the log says so."""
    stt_threads: int = Field(default=1, ge=1, le=64)
    """Threads of one piece of work. More slots write down more recordings at once than more threads do."""
    max_recording_seconds: float = Field(default=14_400.0, gt=0)
    """Longest recording."""
    decode_seconds: float = Field(default=300.0, gt=0)
    """Longest time that the decoding of a recording may take."""
    max_transcription_seconds: float = Field(default=7_200.0, gt=0)
    """Longest time that the work on one recording may take."""

    @property
    def model_names(self) -> tuple[str, ...]:
        """The names of all models that are served; the first is the default."""
        return names_in(self.stt_model or self.stt_engine, self.stt_further_models)
