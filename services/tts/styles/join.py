"""Pauses and joins: silence where it was asked for, and no click where sound begins or ends."""

from collections.abc import Iterator, Sequence

import numpy as np

from services.tts.speech import Samples, Speech, VisemeTime, WordTime
from services.tts.visemes import SILENCE

FADE_SECONDS = 0.005


def faded(samples: Samples, sample_rate_hz: int) -> Samples:
    """Return the sound with slopes of 5 ms at both ends."""
    count = min(round(FADE_SECONDS * sample_rate_hz), len(samples) // 2)
    slope = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(count, 1))).astype(np.float32)
    result = samples.copy()
    result[:count] *= slope
    result[len(result) - count :] *= slope[::-1]
    return result


def with_pauses(speech: Speech, pauses: Sequence[tuple[int, float]]) -> Speech:
    """Make a pause of so many seconds before the word of each index; the index behind the last word means the end.

    The pause that the engine made there itself counts: the longer of both is heard. Pauses at one place add up.
    """
    wanted: dict[int, float] = {}
    for index, seconds in pauses:
        wanted[index] = wanted.get(index, 0.0) + seconds
    if not any(wanted.values()):
        return speech
    return _with_silence(speech, sorted(wanted.items()))


def _with_silence(speech: Speech, wanted: Sequence[tuple[int, float]]) -> Speech:
    rate, words = speech.sample_rate_hz, speech.words
    sounds: list[Samples] = []
    times: list[WordTime] = []
    pauses: list[tuple[float, float]] = []
    taken, cut_before, moved_seconds = 0, 0, 0.0
    for index, seconds in wanted:
        start_seconds, end_seconds = _gap(speech, index)
        cut = _quietest(speech, start_seconds, end_seconds)
        missing = round(max(0.0, seconds - (end_seconds - start_seconds)) * rate)
        sounds += [faded(speech.samples[cut_before:cut], rate), np.zeros(missing, np.float32)]
        times += _later(words[taken:index], moved_seconds)
        pauses.append((cut / rate, missing / rate))
        taken, cut_before, moved_seconds = index, cut, moved_seconds + missing / rate
    sounds.append(faded(speech.samples[cut_before:], rate))
    times += _later(words[taken:], moved_seconds)
    return Speech(np.concatenate(sounds), rate, tuple(times), tuple(_parted(speech.visemes, pauses)))


def _parted(visemes: Sequence[VisemeTime], pauses: Sequence[tuple[float, float]]) -> Iterator[VisemeTime]:
    """Yield visemes with silence of so many seconds put in at some moments."""
    rest, moved_seconds = list(visemes), 0.0
    for moment, seconds in pauses if visemes else ():
        while rest and rest[0].seconds < moment:
            yield _viseme_later(rest.pop(0), moved_seconds)
        if seconds:
            yield VisemeTime(moment + moved_seconds, SILENCE)
        moved_seconds += seconds
    yield from (_viseme_later(viseme, moved_seconds) for viseme in rest)


def _viseme_later(viseme: VisemeTime, by_seconds: float) -> VisemeTime:
    return VisemeTime(viseme.seconds + by_seconds, viseme.viseme)


def _gap(speech: Speech, index: int) -> tuple[float, float]:
    """Return start and end of the silence before the word of this index."""
    words = speech.words
    if not words:
        return 0.0, 0.0
    start = words[index - 1].end_seconds if index > 0 else 0.0
    end = words[index].start_seconds if index < len(words) else speech.seconds
    return start, max(start, end)


def _quietest(speech: Speech, start_seconds: float, end_seconds: float) -> int:
    """Return the sample, between two words, to cut at: the middle of the quietest 5 ms."""
    rate, width = speech.sample_rate_hz, round(FADE_SECONDS * speech.sample_rate_hz)
    start, end = round(start_seconds * rate), round(end_seconds * rate)
    if end - start <= width:
        return (start + end) // 2
    level = np.convolve(np.square(speech.samples[start:end]), np.ones(width, np.float32), mode="valid")
    return start + int(np.argmin(level)) + width // 2


def _later(words: Sequence[WordTime], by_seconds: float) -> list[WordTime]:
    return [WordTime(word.index, word.start_seconds + by_seconds, word.end_seconds + by_seconds) for word in words]
