"""Rules on how recordings sound: rates, channels, clipping, noise, level, silence around speech."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from training.voices.check.findings import Case, Finding, Level, case, finding
from training.voices.check.measuring import Measured
from training.voices.check.sound import SoundMeasures

_LEAST_RATE_HZ = 16_000
_LEAST_CLIPPED_SAMPLES = 12
_LEAST_OVER_NOISE_DB, _USUAL_OVER_NOISE_DB = 18.0, 25.0
_LEAST_LEVEL_DB = -45.0
_MOST_SILENCE_SECONDS = 0.75


def rates(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings of a low rate, and those of another rate than most."""
    counts = Counter(sound.sample_rate_hz for _, sound in _sounds(recordings))
    usual_hz = counts.most_common(1)[0][0] if counts else 0
    yield from finding(
        Level.WARNING,
        "low-rate",
        f"Recordings with fewer than {_LEAST_RATE_HZ} samples a second sound dull, and so will the voice.",
        "Use recordings of 22050 Hz or more; those that were converted to a higher rate stay dull.",
        _cases(recordings, lambda sound: sound.sample_rate_hz < _LEAST_RATE_HZ, _rate),
    )
    yield from finding(
        Level.WARNING,
        "mixed-rates",
        f"Most recordings have {usual_hz} Hz, some have other rates; the voice will sound now duller, now clearer.",
        f"Use recordings of one rate; all will be converted to {usual_hz} Hz.",
        _cases(recordings, lambda sound: sound.sample_rate_hz != usual_hz, _rate),
    )


def channels(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings with several channels."""
    yield from finding(
        Level.WARNING,
        "channels",
        "Some recordings have several channels; their mean is learnt, in which two microphones disturb each other.",
        "Save the better channel alone.",
        _cases(recordings, lambda sound: sound.channels > 1, lambda sound: f"{sound.channels} channels"),
    )


def clipping(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings whose peaks are cut off."""
    yield from finding(
        Level.WARNING,
        "clipping",
        "The peaks of some recordings are cut off: they crackle, and so will the voice.",
        "Record again with less gain; making the files quieter does not bring back what is lost.",
        _cases(
            recordings,
            lambda sound: sound.clipped_samples >= _LEAST_CLIPPED_SAMPLES,
            lambda sound: f"{sound.clipped_samples} samples cut off",
            lambda sound: -sound.clipped_samples,
        ),
    )


def noise(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Noise in all recordings, or in some."""
    mend = "Record in a quiet room, close to the microphone, or take the noise away in all recordings alike."
    over = [sound.over_noise_db for _, sound in _sounds(recordings)]
    if over and (usual_db := statistics.median(over)) < _USUAL_OVER_NOISE_DB:
        told = f"Speech is only {usual_db:.0f} dB above the noise; the voice will learn the noise, too."
        yield Finding(Level.WARNING, "noise", told, mend)
    yield from finding(
        Level.WARNING,
        "noisy-recordings",
        "Some recordings have much noise.",
        f"{mend} Or leave them out.",
        _cases(
            recordings,
            lambda sound: sound.over_noise_db < _LEAST_OVER_NOISE_DB,
            lambda sound: f"speech {sound.over_noise_db:.0f} dB above the noise",
            lambda sound: sound.over_noise_db,
        ),
    )


def quiet(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings that are far too quiet."""
    yield from finding(
        Level.WARNING,
        "quiet",
        "Some recordings are very quiet; little is left of them beside their noise.",
        "Record them again with more gain, or leave them out.",
        _cases(
            recordings,
            lambda sound: sound.level_db < _LEAST_LEVEL_DB,
            lambda sound: f"speech at {sound.level_db:.0f} dB",
            lambda sound: sound.level_db,
        ),
    )


def silence(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Recordings with long silence before or behind the speech."""
    for kind, told, seconds in (
        ("leading-silence", "before", lambda sound: sound.leading_seconds),
        ("trailing-silence", "behind", lambda sound: sound.trailing_seconds),
    ):
        yield from finding(
            Level.WARNING,
            kind,
            f"More than {_MOST_SILENCE_SECONDS:g} s of silence lie {told} the speech; the voice will learn to wait.",
            "Cut it to about 0.2 s.",
            _cases(
                recordings,
                lambda sound, seconds=seconds: seconds(sound) > _MOST_SILENCE_SECONDS,  # type: ignore[misc]
                lambda sound, seconds=seconds: f"{seconds(sound):.1f} s",  # type: ignore[misc]
                lambda sound, seconds=seconds: -seconds(sound),  # type: ignore[misc]
            ),
        )


def _sounds(recordings: Sequence[Measured]) -> Iterator[tuple[Measured, SoundMeasures]]:
    return ((one, one.sound) for one in recordings if one.sound)


def _cases(
    recordings: Sequence[Measured],
    is_bad: Callable[[SoundMeasures], bool],
    detail: Callable[[SoundMeasures], str],
    order: Callable[[SoundMeasures], float] = lambda _: 0.0,
) -> list[Case]:
    bad = sorted(((one, sound) for one, sound in _sounds(recordings) if is_bad(sound)), key=lambda pair: order(pair[1]))
    return [case(one, detail(sound)) for one, sound in bad]


def _rate(sound: SoundMeasures) -> str:
    return f"{sound.sample_rate_hz} Hz"
