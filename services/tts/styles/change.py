"""One change of prosody. Emotion, SSML and emphasis are all stated as such, so that they compose into one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.tts.speech import EngineMember
from shared.text.document import Effects, Prosody, Style

ENGINE_FACTORS = (0.5, 2.0)
"""Changes with which every engine still speaks well; what is beyond is left to the reshaping."""


@dataclass(frozen=True, slots=True)
class ProsodyChange:
    """Factors and differences against the speech as it is; the default changes nothing."""

    rate: float = 1.0
    """Factor of speed."""
    pitch: float = 1.0
    """Factor of F0."""
    pitch_range: float = 1.0
    """Factor of F0's distance, in semitones, from the mean of its sentence."""
    volume_db: float = 0.0
    tilt_db: float = 0.0
    """Power above 1 kHz against that below; the level stays."""
    tract_length: float = 1.0
    """Factor of the length of the vocal tract: formants move, F0 stays."""
    whisper: float = 0.0
    """1 takes the voice away and leaves its breath; half a whisper is none."""

    def then(self, other: "ProsodyChange") -> "ProsodyChange":
        """Return both changes as one."""
        return ProsodyChange(
            rate=self.rate * other.rate,
            pitch=self.pitch * other.pitch,
            pitch_range=self.pitch_range * other.pitch_range,
            volume_db=self.volume_db + other.volume_db,
            tilt_db=self.tilt_db + other.tilt_db,
            tract_length=self.tract_length * other.tract_length,
            whisper=max(self.whisper, other.whisper),
        )


NO_CHANGE = ProsodyChange()

_EMPHASIS = {
    None: NO_CHANGE,
    "none": NO_CHANGE,
    "reduced": ProsodyChange(rate=1.1, pitch=0.96, pitch_range=0.7, volume_db=-3.0),
    "moderate": ProsodyChange(rate=0.9, pitch=1.06, pitch_range=1.2, volume_db=2.0),
    "strong": ProsodyChange(rate=0.8, pitch=1.12, pitch_range=1.4, volume_db=4.0),
}
"""Stressed words are longer, higher and louder (Fry 1958); the sizes are ours."""


_WHISPERED = ProsodyChange(whisper=1.0, tilt_db=8.0, volume_db=-6.0)
"""What is spoken without a voice falls less towards high frequencies, and is softer."""
_SOFT = ProsodyChange(tilt_db=-5.0, volume_db=-4.0)
_COMPRESSED = ProsodyChange(volume_db=6.0)
"""All is louder, and peaks are bent by the limiter, behind which nothing is louder than before."""


def prosody_change(prosody: Prosody) -> ProsodyChange:
    """Return SSML's `<prosody>` as a change."""
    return ProsodyChange(rate=prosody.rate, pitch=prosody.pitch, volume_db=prosody.volume_db)


def markup_change(style: Style) -> ProsodyChange:
    """Return all that markup says but emotion: prosody, emphasis and effects."""
    return prosody_change(style.prosody).then(_EMPHASIS[style.emphasis]).then(effects_change(style.effects))


def effects_change(effects: Effects) -> ProsodyChange:
    """Return SSML's `<amazon:effect>` as a change."""
    change = ProsodyChange(tract_length=effects.tract_length)
    change = change.then(_WHISPERED) if effects.whispered else change
    change = change.then(_SOFT) if effects.soft else change
    return change.then(_COMPRESSED) if effects.compressed else change


def split_change(
    changes: Sequence[ProsodyChange], members: Sequence[EngineMember]
) -> tuple[ProsodyChange, list[ProsodyChange]]:
    """Return the change of `members` that the engine should make itself, and what is left to change afterwards.

    Engines change their own speech with a better sound than reshaping does, but only whole sentences.
    """
    common = ProsodyChange(**{member: _common([getattr(change, member) for change in changes]) for member in members})
    left = [replace(change, **{m: getattr(change, m) / getattr(common, m) for m in members}) for change in changes]
    return common, left


def _common(factors: Sequence[float]) -> float:
    low, high = ENGINE_FACTORS
    return min(max(float(np.median(factors)), low), high) if factors else 1.0
