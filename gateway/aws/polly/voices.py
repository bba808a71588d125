"""Our voices as Polly's callers see them: each by its id, in each of its emotions, and under Polly's own names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.paging import page
from gateway.aws.polly.languages import LANGUAGES, base_of, code_of
from gateway.aws.polly.names import POLLY_VOICES
from gateway.aws.writing import Members
from gateway.voices import Voice, Voices, fetch_voices

_PAGE: Final = 100
_NEUTRAL: Final = "neutral"
_ALL_ENGINES: Final = ("standard", "neural", "long-form", "generative")
_ENGINES: Final = {"trained": ("neural", "standard")}
"""Polly's engines, by ours; others are standard."""
_PREFERRED: Final = ("flite", "trained", "espeak")
"""Which of our engines speaks in place of Polly's: those that a model changes come after those that nothing does."""


@dataclass(frozen=True, slots=True)
class PollyVoice:
    """One voice under one id."""

    id: str
    name: str
    language_code: str
    voice: Voice
    engines: tuple[str, ...]
    emotion: str = _NEUTRAL

    def members(self) -> Members:
        """Return what Polly tells of a voice."""
        return {
            "Gender": {"female": "Female", "male": "Male"}.get(self.voice.gender),
            "Id": self.id,
            "LanguageCode": self.language_code,
            "LanguageName": LANGUAGES.get(self.language_code, self.voice.language),
            "Name": self.name,
            "SupportedEngines": list(self.engines),
        }

    @property
    def order(self) -> str:
        """Where it stands in the list: behind all that speak in their usual way are those that speak in emotions."""
        return f"{int(self.emotion != _NEUTRAL)}{self.id}"


async def known_voices(call: Call) -> Voices:
    """Return the voices of the TTS service. Raises what `fetch_voices` raises."""
    settings = call.state["settings"]
    return await call.state["voices"].get(lambda: fetch_voices(call.service("tts"), settings.default_voice))


async def describe_voices(call: Call) -> Members:
    """List the voices, those of a language or an engine."""
    given: dict[str, Any] = call.parameters
    found = [voice for voice in _all(await known_voices(call)) if _fits(voice, given)]
    shown, token = page(sorted(found, key=lambda one: one.order), lambda one: one.order, given.get("NextToken"), _PAGE)
    return {"Voices": [voice.members() for voice in shown], "NextToken": token}


def find_voice(voices: Voices, id: str) -> PollyVoice:
    """Return the voice that an id means: one of ours, one of Polly's, or either with an emotion behind it.

    Raises Fault.
    """
    if found := _usual(voices, id):
        return found
    name, _, emotion = id.rpartition("-")
    usual = _usual(voices, name)
    if usual and emotion in usual.voice.emotions:
        return _in_emotion(usual, emotion)
    raise Fault("ValidationException", "No voice of that VoiceId. DescribeVoices lists what there is.")


def _all(voices: Voices) -> Iterator[PollyVoice]:
    ours = [_own(voice) for voice in voices.all]
    for voice in ours:
        yield voice
        yield from (_in_emotion(voice, emotion) for emotion in voice.voice.emotions if emotion != _NEUTRAL)
    own_ids = {voice.id for voice in ours}
    stood_for = (_in_place_of(voices, name) for name in POLLY_VOICES if name not in own_ids)
    yield from filter(None, stood_for)


def _usual(voices: Voices, id: str) -> PollyVoice | None:
    own = next((voice for voice in voices.all if voice.id == id), None)
    return _own(own) if own else _in_place_of(voices, id)


def _own(voice: Voice) -> PollyVoice:
    engines = _ENGINES.get(voice.engine, ("standard",))
    return PollyVoice(voice.id, voice.name, code_of(voice.language), voice, engines)


def _in_emotion(usual: PollyVoice, emotion: str) -> PollyVoice:
    id, name = f"{usual.id}-{emotion}", f"{usual.name}, {emotion}"
    return PollyVoice(id, name, usual.language_code, usual.voice, usual.engines, emotion)


def _in_place_of(voices: Voices, name: str) -> PollyVoice | None:
    """Return which of ours speaks under a name of Polly's; None where there is no such name, or nobody for it."""
    if name not in POLLY_VOICES:
        return None
    code, gender = POLLY_VOICES[name]

    def likeness(voice: Voice) -> tuple[bool, int, bool]:
        known = voice.engine in _PREFERRED
        rank = -_PREFERRED.index(voice.engine) if known else -len(_PREFERRED)
        return voice.gender == gender, rank, code_of(voice.language) == code

    speakers = [voice for voice in voices.all if base_of(voice.language) == base_of(code)]
    if not speakers:
        return None
    speaker = max(speakers, key=likeness)
    return PollyVoice(name, f"{name}, spoken by {speaker.name}", code, speaker, _ALL_ENGINES)


def _fits(voice: PollyVoice, given: dict[str, Any]) -> bool:
    return given.get("LanguageCode") in (None, voice.language_code) and (
        given.get("Engine") is None or given["Engine"] in voice.engines
    )
