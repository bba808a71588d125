"""What the speakers of one network are: emotions of one voice, or voices."""

import re
from collections.abc import Mapping

from shared.store.manifest import VoiceStyle
from shared.store.names import is_name
from shared.text.emotions import EMOTION_NAMES

_NEUTRAL = "neutral"


def emotional_styles(voice: str, speakers: Mapping[str, int]) -> list[VoiceStyle]:
    """Return how a voice speaks, its usual way first; nothing where speakers are not named after emotions."""
    emotions = {EMOTION_NAMES[each.lower()]: index for each, index in speakers.items() if each.lower() in EMOTION_NAMES}
    if _NEUTRAL not in emotions:
        return []
    usual = emotions.pop(_NEUTRAL)
    others = (VoiceStyle(voice=voice, emotion=emotion, speaker=index) for emotion, index in emotions.items())
    return [VoiceStyle(voice=voice, speaker=usual), *others]


def styles_of_all(model: str, speakers: Mapping[str, int]) -> list[VoiceStyle]:
    """Return how all speakers of a model speak: emotions of one voice, else a voice each, MODEL-SPEAKER."""
    if not speakers:
        return [VoiceStyle(voice=model)]
    return emotional_styles(model, speakers) or [
        VoiceStyle(voice=_name(model, speaker, index), speaker=index) for speaker, index in speakers.items()
    ]


def _name(model: str, speaker: str, index: int) -> str:
    """Return a name by which a voice can be asked for, with the speaker's number where their name makes none."""
    written = re.sub(r"[^a-z0-9]+", "-", speaker.lower()).strip("-")
    name = f"{model}-{written}"
    return name if written and is_name(name) else f"{model[:50]}-{index}"
