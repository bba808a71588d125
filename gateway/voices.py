"""The voices of the TTS service: which there are, and how each speaks an emotion."""

from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from gateway.upstream import Service
from shared.problems import EngineFailed, ModelNotFound


class Rendering(BaseModel):
    """How a voice speaks one emotion: which model, in which of its styles."""

    model: str
    style: str
    fallback: bool


class Voice(BaseModel):
    """One voice, as the TTS service lists it."""

    id: str
    name: str
    language: str
    gender: str
    engine: str
    licence: str
    sample_rate_hz: int
    emotions: dict[str, Rendering]
    aliases: list[str] = []
    """Other names it answers to, such as OpenAI's."""


class Voices:
    """The voices by id and alias."""

    def __init__(self, voices: Iterable[Voice], default: str) -> None:
        self.all = tuple(voices)
        self._default = default
        self._by_name = {alias: voice for voice in self.all for alias in voice.aliases}
        self._by_name |= {voice.id: voice for voice in self.all}

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def find(self, name: str | None) -> Voice:
        """Return the voice of that name, the default for None. Raises ModelNotFound."""
        wanted = name or self._default
        if wanted not in self:
            raise ModelNotFound("No voice of that name. GET /v1/audio/voices lists what there is.", param="voice")
        return self._by_name[wanted]


class _Listing(BaseModel):
    voices: list[Voice]


async def fetch_voices(tts: Service, default: str) -> Voices:
    """Ask the TTS service. Raises Relayed, Unavailable, TimedOut, EngineFailed."""
    try:
        listing = _Listing.model_validate_json(await tts.get("/v1/audio/voices"))
    except ValidationError as error:
        raise EngineFailed("The speech service listed its voices in a form that is not understood.") from error
    return Voices(listing.voices, default)
