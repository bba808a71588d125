"""Emotion as a change of prosody, in the sizes that actors were measured at (emotions.json, training/styles)."""

import json
from functools import cache
from pathlib import Path

from services.tts.styles.change import NO_CHANGE, ProsodyChange

_TABLE = Path(__file__).with_name("emotions.json")
_MEMBERS = ("rate", "pitch", "pitch_range", "volume_db", "tilt_db")

_SHARE = {"rate": 0.6, "pitch": 0.55, "pitch_range": 1.0, "volume_db": 0.8, "tilt_db": 0.55}
"""How much of the actors' change is made at intensity 1, at least half: synthetic voices bear less than human ones."""

_MEASURED_AS = {"excited": ("happy", "strong")}
"""Styles that the recordings lack, and what stands in for them."""

_AGAINST_MEASUREMENT = {
    "angry": {"rate": 1.12, "pitch_range": 1.3},
    "happy": {"rate": 1.06},
    "excited": {"rate": 1.14, "pitch_range": 1.35},
}
"""Values at intensity 1 that are not a share of the measured ones.

Actors who shout one short sentence stretch it (25 of them: 0.90 of neutral; a 26th, in TESS: 1.44) and widen their
range little in semitones (1.12, from 7.5 when neutral). Reviews describe angry speech as slightly faster than neutral
and much wider in range, joy as faster or slower (Murray and Arnott 1993, table of vocal effects), so listeners expect
that; and our voices, at 3 to 5 semitones when neutral, need more to be heard as wider.
"""

_LEAST = ProsodyChange(rate=0.7, pitch=0.7, pitch_range=0.4, volume_db=-10.0, tilt_db=-8.0)
_MOST = ProsodyChange(rate=1.35, pitch=1.7, pitch_range=2.0, volume_db=9.0, tilt_db=9.0)
"""Beyond these, voices break, peaks are bent, or words can no longer be understood."""


def emotion_change(emotion: str, intensity: float = 1.0) -> ProsodyChange:
    """Return the change from neutral speech; 0 is neutral, 2 twice as far as 1 (factors as their logarithm), -1 as far
    the other way.

    Raises KeyError for an emotion that is not in `shared.text.document.EMOTIONS`.
    """
    if emotion == "neutral":
        return NO_CHANGE
    full = _full_change(emotion)
    scaled = {name: _scaled(name, getattr(full, name), intensity) for name in _MEMBERS}
    bounded = {name: min(max(value, getattr(_LEAST, name)), getattr(_MOST, name)) for name, value in scaled.items()}
    return ProsodyChange(**bounded)


def measured_change(emotion: str, intensity: str = "normal") -> ProsodyChange:
    """Return what actors were measured to do, whole and unbounded."""
    row = _table()["emotions"][emotion][intensity]
    return ProsodyChange(**{name: row[name] for name in _MEMBERS})


@cache
def _full_change(emotion: str) -> ProsodyChange:
    measured = measured_change(*_MEASURED_AS.get(emotion, (emotion,)))
    values = {name: _scaled(name, getattr(measured, name), _SHARE[name]) for name in _MEMBERS}
    return ProsodyChange(**(values | _AGAINST_MEASUREMENT.get(emotion, {})))


def _scaled(name: str, value: float, by: float) -> float:
    return value * by if name.endswith("_db") else float(value**by)


@cache
def _table() -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    table: dict[str, dict[str, dict[str, dict[str, float]]]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table
