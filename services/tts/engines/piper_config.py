"""What the configuration beside a Piper voice (NAME.onnx.json) says, as facts of our manifest.

The format: github.com/OHF-Voice/piper1-gpl, docs/TRAINING.md. Read without Piper, which is not needed.
"""

from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.tts.front_end.sequence import FrontEnd, Ids, Symbol
from services.tts.parameters import Inference, VoiceParameters
from shared.problems import Json, ModelCorrupt
from shared.store.manifest import summary

MAX_CONFIG_BYTES: Final = 1 << 20
_BLANK, _START, _END = "_", "^", "$"
_PHONEMIZERS: Final[dict[str, Literal["espeak", "characters"]]] = {"espeak": "espeak", "text": "characters"}

SpeakerName = Annotated[str, Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    """Members that are of no use here are not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Audio(_Part):
    sample_rate: Annotated[int, Field(ge=8_000, le=48_000)]


class _Espeak(_Part):
    voice: Annotated[str, Field(max_length=100)]


class _Language(_Part):
    code: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,8})*$", max_length=35)]


class _Inference(_Part):
    noise_scale: float = 0.667
    length_scale: float = 1.0
    noise_w: float = 0.8


class _Config(_Part):
    audio: _Audio
    espeak: _Espeak
    language: _Language | None = None
    inference: _Inference = _Inference()
    phoneme_type: Literal["espeak", "text"] = "espeak"
    phoneme_map: Annotated[dict[str, list[str]], Field(max_length=0)] = {}
    """Phonemes to be replaced by others; no voice that was published has any."""
    phoneme_id_map: Annotated[dict[Symbol, Ids], Field(max_length=4096)]
    num_speakers: Annotated[int, Field(ge=1, le=10_000)] = 1
    speaker_id_map: dict[SpeakerName, Annotated[int, Field(ge=0)]] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(index >= self.num_speakers for index in self.speaker_id_map.values()):
            raise ValueError("a speaker's number is beyond those that there are")
        return self


class PiperVoice(NamedTuple):
    """Members of the manifest, and the index of each speaker by name: none for a voice that has only one."""

    parameters: dict[str, Json]
    sample_rate_hz: int
    languages: list[str]
    speakers: dict[str, int]


def piper_voice(config: bytes) -> PiperVoice:
    """Read a configuration. Raises ModelCorrupt."""
    if len(config) > MAX_CONFIG_BYTES:
        raise ModelCorrupt(f"A Piper voice's configuration is larger than {MAX_CONFIG_BYTES} bytes.")
    try:
        read = _Config.model_validate_json(config)
        parameters = VoiceParameters(front_end=_front_end(read), inference=Inference(**read.inference.model_dump()))
    except ValidationError as error:
        raise ModelCorrupt(f"This is no configuration of a Piper voice: {summary(error)}") from error
    return PiperVoice(
        parameters.model_dump(mode="json", exclude_defaults=True),
        read.audio.sample_rate,
        [read.language.code.replace("_", "-").lower() if read.language else parameters.front_end.language],
        _speakers(read),
    )


def _front_end(config: _Config) -> FrontEnd:
    return FrontEnd(
        phonemizer=_PHONEMIZERS[config.phoneme_type],
        language=config.espeak.voice.lower(),
        symbols=config.phoneme_id_map,
        blank=_BLANK,
        start=_START,
        end=_END,
    )


def _speakers(config: _Config) -> dict[str, int]:
    if config.num_speakers == 1:
        return {}
    return config.speaker_id_map or {str(index): index for index in range(config.num_speakers)}
