"""Settings of the speaker service."""

from pydantic import Field

from services.speaker.engine import Task
from shared.audio.settings import RecordingSettings


class SpeakerSettings(RecordingSettings):
    """Read from `TIMBRE_<FIELD>`."""

    speaker_engine: str = "onnx"
    """Engine that judges recordings: `onnx` runs the models below, by the engines that their manifests name; `fake`,
    `fake-slow` and `fake-failing` need none, and are for tests. Empty: `make run` starts no speaker service."""
    speaker_gender_model: str = "gender"
    """Name of the model for gender in the store; empty, or without such a model there, gender is not told. There has to
    be this one or the one for age."""
    speaker_age_model: str = "age"
    """Name of the model for age in the store; empty, or without such a model there, age is not told."""
    speaker_threads: int = Field(default=1, ge=1, le=64)
    """Threads of one piece of work. More slots judge more recordings a second than more threads do."""

    @property
    def model_names(self) -> dict[Task, str]:
        """The names of the models by task, of those that are to be served."""
        names: dict[Task, str] = {"speaker-gender": self.speaker_gender_model, "speaker-age": self.speaker_age_model}
        return {task: name for task, name in names.items() if name}
