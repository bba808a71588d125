"""What every SSML element that we speak may hold and says of its text. What is not here is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from shared.text.document import SayAs, Style
from shared.text.emotions import EMOTION_NAMES, INTENSITY_LEVELS, MAX_INTENSITY, MIN_INTENSITY
from shared.text.faults import did_you_mean
from shared.text.limits import LONGEST_WORD_CHARACTERS
from shared.text.prosody import (
    BREAK_SECONDS,
    nested,
    pause_seconds,
    pitch_factor,
    rate_factor,
    rounded,
    tract_length_factor,
    volume_db,
)
from shared.text.source import speakable
from shared.text.words import word_set
from shared.text.xsampa import checked_ipa, xsampa_to_ipa

Attributes = Mapping[str, str]
Emphasis = Literal["none", "reduced", "moderate", "strong"]

INTERPRETATIONS = word_set(
    "characters spell-out cardinal number ordinal digits fraction unit date time telephone address expletive currency"
)
FORMATS = {
    "date": word_set("mdy dmy ymd ydm md dm ym my yyyymmdd d m y"),
    "time": frozenset({"hms12", "hms24"}),
}
"""The formats of `<say-as>`; the other interpretations have none."""

WORD_ROLES = word_set(
    "amazon:VB amazon:VBD amazon:VBN amazon:NN amazon:JJ amazon:DT amazon:IN "
    "amazon:DEFAULT amazon:SENSE_1 amazon:SENSE_2 amazon:SENSE_3"
)

_EFFECTS = {"whispered": "whispered", "drc": "compressed"}
"""Effects by the name that Polly has for them."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_NAME = re.compile(r"[\w.:-]{1,64}")
_DEGREE = re.compile(r"\d(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Said:
    """What the elements around a text say of it."""

    style: Style = field(default_factory=Style)
    say_as: SayAs | None = None
    alias: str | None = None
    ipa: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """An element: the attributes it must and may have, what it may hold, and what it adds to what is said."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    holds: Literal["anything", "phrases", "words", "nothing"] = "anything"
    """Phrases: no `p` and `s`. Words: text only."""
    read: Callable[[Said, Attributes], Said] = lambda said, _: said
    """Raises ValueError for a value that is not supported."""


def read_language(said: Said, attributes: Attributes) -> Said:
    """Return what is said with the language of xml:lang, if there is one. Raises ValueError."""
    language = attributes.get("xml:lang")
    if language is None:
        return said
    if not _LANGUAGE.fullmatch(language):
        raise ValueError("xml:lang must be a language tag such as en-GB")
    return _styled(said, replace(said.style, language=language))


def break_seconds(attributes: Attributes) -> float:
    """Return how long `<break>` lasts; its time goes before its strength. Raises ValueError."""
    strength = _one_of(attributes.get("strength", "medium"), BREAK_SECONDS, "strength")
    return pause_seconds(attributes["time"]) if "time" in attributes else BREAK_SECONDS[strength]


def mark_name(attributes: Attributes) -> str:
    """Return the name of `<mark>`. Raises ValueError."""
    name = attributes["name"]
    if not name.strip() or len(name) > LONGEST_WORD_CHARACTERS:
        raise ValueError(f"a mark's name has 1 to {LONGEST_WORD_CHARACTERS} characters")
    return name


def read_intensity(value: str) -> float:
    """Return an intensity written as a number. Raises ValueError."""
    intensity = float(value) if _DEGREE.fullmatch(value) else 0.0
    if not MIN_INTENSITY <= intensity <= MAX_INTENSITY:
        raise ValueError(f"the intensity must be a number from {MIN_INTENSITY} to {MAX_INTENSITY}")
    return rounded(intensity)


def _read_prosody(said: Said, attributes: Attributes) -> Said:
    prosody = nested(
        said.style.prosody,
        rate_factor(attributes.get("rate", "default")),
        pitch_factor(attributes.get("pitch", "default")),
        volume_db(attributes.get("volume", "default")),
    )
    return _styled(said, replace(said.style, prosody=prosody))


def _read_emphasis(said: Said, attributes: Attributes) -> Said:
    level = attributes.get("level", "moderate")
    for known in get_args(Emphasis):
        if level == known:
            return _styled(said, replace(said.style, emphasis=known))
    raise ValueError(f"the level must be one of {', '.join(get_args(Emphasis))}")


def _read_voice(said: Said, attributes: Attributes) -> Said:
    if not _NAME.fullmatch(attributes["name"]):
        raise ValueError("a voice's name has 1 to 64 letters, digits and . : - _")
    return _styled(said, replace(said.style, voice=attributes["name"]))


def _read_amazon_emotion(said: Said, attributes: Attributes) -> Said:
    level = _one_of(attributes.get("intensity", "medium"), INTENSITY_LEVELS, "intensity")
    intensity = INTENSITY_LEVELS[level] if "intensity" in attributes else None
    return _styled(said, replace(said.style, emotion=_emotion(attributes["name"]), intensity=intensity))


def _read_express_as(said: Said, attributes: Attributes) -> Said:
    degree = attributes.get("styledegree")
    intensity = None if degree is None else read_intensity(degree)
    return _styled(said, replace(said.style, emotion=_emotion(attributes["style"]), intensity=intensity))


def _emotion(name: str) -> str:
    return EMOTION_NAMES[_one_of(name.lower(), EMOTION_NAMES, "emotion")]


def _read_effect(said: Said, attributes: Attributes) -> Said:
    if not attributes:
        raise ValueError("it needs name, phonation or vocal-tract-length")
    effects = said.style.effects
    if "name" in attributes:
        effects = replace(effects, **{_EFFECTS[_one_of(attributes["name"], _EFFECTS, "name")]: True})
    if "phonation" in attributes:
        effects = replace(effects, soft=bool(_one_of(attributes["phonation"], ("soft",), "phonation")))
    if "vocal-tract-length" in attributes:
        effects = replace(effects, tract_length=tract_length_factor(attributes["vocal-tract-length"]))
    return _styled(said, replace(said.style, effects=effects))


def _read_say_as(said: Said, attributes: Attributes) -> Said:
    kind, form = attributes["interpret-as"], attributes.get("format")
    _one_of(kind, INTERPRETATIONS, "interpret-as")
    if form is not None and form not in FORMATS.get(kind, ()):
        raise ValueError(f"this format is not supported for {kind}")
    return replace(said, say_as=SayAs(kind, form))


def _read_sub(said: Said, attributes: Attributes) -> Said:
    alias = speakable(attributes["alias"])
    if not alias.strip() or len(alias) > LONGEST_WORD_CHARACTERS:
        raise ValueError(f"the alias has 1 to {LONGEST_WORD_CHARACTERS} characters")
    return replace(said, alias=alias)


def _read_phoneme(said: Said, attributes: Attributes) -> Said:
    sounds = attributes["ph"]
    if not sounds.strip() or len(sounds) > LONGEST_WORD_CHARACTERS:
        raise ValueError(f"ph has 1 to {LONGEST_WORD_CHARACTERS} characters")
    alphabet = _one_of(attributes.get("alphabet", "ipa"), ("ipa", "x-sampa"), "alphabet")
    return replace(said, ipa=checked_ipa(sounds) if alphabet == "ipa" else xsampa_to_ipa(sounds))


def _read_word(said: Said, attributes: Attributes) -> Said:
    _one_of(attributes["role"], WORD_ROLES, "role")
    return said


def _one_of(value: str, known: Mapping[str, object] | frozenset[str] | tuple[str, ...], what: str) -> str:
    if value not in known:
        raise ValueError(f"this {what} is not supported.{did_you_mean(value, known)}")
    return value


def _styled(said: Said, style: Style) -> Said:
    return replace(said, style=style)


_LANG = frozenset({"xml:lang"})

ELEMENTS: Mapping[str, Element] = {
    "speak": Element(optional=_LANG | {"version", "xsi:schemaLocation"}),
    "p": Element(optional=_LANG),
    "s": Element(optional=_LANG, holds="phrases"),
    "break": Element(optional=frozenset({"time", "strength"}), holds="nothing"),
    "mark": Element(required=frozenset({"name"}), holds="nothing"),
    "prosody": Element(optional=frozenset({"rate", "pitch", "volume"}), read=_read_prosody),
    "emphasis": Element(optional=frozenset({"level"}), read=_read_emphasis),
    "lang": Element(required=_LANG),
    "voice": Element(required=frozenset({"name"}), optional=_LANG, read=_read_voice),
    "w": Element(required=frozenset({"role"}), holds="words", read=_read_word),
    "sub": Element(required=frozenset({"alias"}), holds="words", read=_read_sub),
    "say-as": Element(
        required=frozenset({"interpret-as"}), optional=frozenset({"format"}), holds="words", read=_read_say_as
    ),
    "phoneme": Element(required=frozenset({"ph"}), optional=frozenset({"alphabet"}), holds="words", read=_read_phoneme),
    "amazon:emotion": Element(
        required=frozenset({"name"}), optional=frozenset({"intensity"}), read=_read_amazon_emotion
    ),
    "amazon:effect": Element(optional=frozenset({"name", "phonation", "vocal-tract-length"}), read=_read_effect),
    "mstts:express-as": Element(
        required=frozenset({"style"}), optional=frozenset({"styledegree"}), read=_read_express_as
    ),
}  # fmt: skip
