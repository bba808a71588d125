"""Rules on how recordings sound: rates, channels, clipping, noise, level, silence around speech."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from training.voices.check.findings import Finding, Level, case, finding
from training.voices.check.measuring import Measured
from training.voices.check.sound import SoundMeasures

_LEAST_RATE_HZ = 16_000
_LEAST_CLIPPED_SAMPLES = 12
_LEAST_OVER_NOISE_DB, _USUAL_OVER_NOISE_DB = 18.0, 25.0
_LEAST_LEVEL_DB = -45.0
_MOST_SILENCE_SECONDS = 0.75
_LESS_NOISE = "Record in a quiet room, close to the microphone, or take the noise away in all recordings alike."


class SoundRule(NamedTuple):
    """What no recording should be, whatever the others are."""

    kind: str
    what: str
    mend: str
    is_bad: Callable[[SoundMeasures], bool]
    detail: Callable[[SoundMeasures], str]
    order: Callable[[SoundMeasures], float] = lambda _: 0.0
    """The least comes first."""


def _rate(sound: SoundMeasures) -> str:
    return f"{sound.sample_rate_hz} Hz"


def _silence(kind: str, where: str, seconds: Callable[[SoundMeasures], float]) -> SoundRule:
    return SoundRule(
        kind,
        f"More than {_MOST_SILENCE_SECONDS:g} s of silence lie {where} the speech; the voice will learn to wait.",
        "Cut it to about 0.2 s.",
        lambda sound: seconds(sound) > _MOST_SILENCE_SECONDS,
        lambda sound: f"{seconds(sound):.1f} s",
        lambda sound: -seconds(sound),
    )


_OF_EACH = (
    SoundRule(
        "low-rate",
        f"Recordings with fewer than {_LEAST_RATE_HZ} samples a second sound dull, and so will the voice.",
        "Use recordings of 22050 Hz or more; those that were converted to a higher rate stay dull.",
        lambda sound: sound.sample_rate_hz < _LEAST_RATE_HZ,
        _rate,
    ),
    SoundRule(
        "channels",
        "Some recordings have several channels; their mean is learnt, in which two microphones disturb each other.",
        "Save the better channel alone.",
        lambda sound: sound.channels > 1,
        lambda sound: f"{sound.channels} channels",
    ),
    SoundRule(
        "clipping",
        "The peaks of some recordings are cut off: they crackle, and so will the voice.",
        "Record again with less gain; making the files quieter does not bring back what is lost.",
        lambda sound: sound.clipped_samples >= _LEAST_CLIPPED_SAMPLES,
        lambda sound: f"{sound.clipped_samples} samples cut off",
        lambda sound: -sound.clipped_samples,
    ),
    SoundRule(
        "noisy-recordings",
        "Some recordings have much noise.",
        f"{_LESS_NOISE} Or leave them out.",
        lambda sound: sound.over_noise_db < _LEAST_OVER_NOISE_DB,
        lambda sound: f"speech {sound.over_noise_db:.0f} dB above the noise",
        lambda sound: sound.over_noise_db,
    ),
    SoundRule(
        "quiet",
        "Some recordings are very quiet; little is left of them beside their noise.",
        "Record them again with more gain, or leave them out.",
        lambda sound: sound.level_db < _LEAST_LEVEL_DB,
        lambda sound: f"speech at {sound.level_db:.0f} dB",
        lambda sound: sound.level_db,
    ),
    _silence("leading-silence", "before", lambda sound: sound.leading_seconds),
    _silence("trailing-silence", "behind", lambda sound: sound.trailing_seconds),
)


def each(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings that are bad by themselves."""
    for rule in _OF_EACH:
        yield from _found(recordings, rule)


def rates(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings of another rate than most."""
    counts = Counter(sound.sample_rate_hz for _, sound in _sounds(recordings))
    usual_hz = counts.most_common(1)[0][0] if counts else 0
    other = SoundRule(
        "mixed-rates",
        f"Most recordings have {usual_hz} Hz, some have other rates; the voice will sound now duller, now clearer.",
        f"Use recordings of one rate; all will be converted to {usual_hz} Hz.",
        lambda sound: sound.sample_rate_hz != usual_hz,
        _rate,
    )
    yield from _found(recordings, other)


def noise(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Noise in all recordings."""
    over = [sound.over_noise_db for _, sound in _sounds(recordings)]
    if over and (usual_db := statistics.median(over)) < _USUAL_OVER_NOISE_DB:
        told = f"Speech is only {usual_db:.0f} dB above the noise; the voice will learn the noise, too."
        yield Finding(Level.WARNING, "noise", told, _LESS_NOISE)


def _found(recordings: Sequence[Measured], rule: SoundRule) -> Iterator[Finding]:
    bad = [(one, sound) for one, sound in _sounds(recordings) if rule.is_bad(sound)]
    worst_first = sorted(bad, key=lambda pair: rule.order(pair[1]))
    cases = (case(one, rule.detail(sound)) for one, sound in worst_first)
    yield from finding(Level.WARNING, rule.kind, rule.what, rule.mend, cases)


def _sounds(recordings: Sequence[Measured]) -> Iterator[tuple[Measured, SoundMeasures]]:
    return ((one, one.sound) for one in recordings if one.sound)
