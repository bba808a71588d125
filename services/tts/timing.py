"""From an engine's raw answer to Speech: word times put in order, long silence at the ends cut off."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.tts.speech import Samples, Speech, VisemeTime, WordTime

Span = tuple[int, float, float]
"""A word's index, start and end in seconds."""

LEAD_SECONDS, TAIL_SECONDS = 0.02, 0.06
"""Silence that stays at the ends."""
WORD_MARGIN_SECONDS = 0.08
"""Engines breathe and hum before the first word and after the last; no more than this of it stays."""
_FRAME_SECONDS = 0.005
_SILENT_RATIO = 10 ** (-50 / 20)


def silence(word_count: int, sample_rate_hz: int) -> Speech:
    """Return a speech of no sound, all words at 0."""
    return Speech(np.zeros(0, np.float32), sample_rate_hz, tuple(WordTime(i, 0.0, 0.0) for i in range(word_count)))


def word_times(spans: Iterable[Sequence[float]], word_count: int) -> list[WordTime]:
    """Merge spans (word, start, end) in speaking order into one time a word; a word without one has no length."""
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for word, start, end in spans:
        if end > start:
            starts.setdefault(int(word), start)
            ends[int(word)] = max(end, ends.get(int(word), 0.0))
    times, now = [], 0.0
    for index in range(word_count):
        start = max(now, starts.get(index, now))
        now = max(start, ends.get(index, start))
        times.append(WordTime(index, start, now))
    return times


def spans_of_ids(
    owners: Sequence[int | None], seconds: NDArray[np.float64] | None, samples: Samples, sample_rate_hz: int
) -> list[Span]:
    """Return spans (word, start, end) of the ids that sound a word, as their `owners` say: None for a pause.

    `seconds` tells how long each id lasts. Without it all that sound last as long, over what is not silent.
    """
    if seconds is None:
        return _spread([owner for owner in owners if owner is not None], samples, sample_rate_hz)
    ends = np.cumsum(seconds).tolist()
    timed = zip(owners, [0.0, *ends], ends, strict=False)
    return [(owner, start, end) for owner, start, end in timed if owner is not None]


def shares(frames: NDArray[np.float64], count: int, seconds: float) -> NDArray[np.float64] | None:
    """Return how long each of `count` ids lasts of so many seconds, by its frames. None where they are no frames."""
    if len(frames) != count or not np.isfinite(frames).all() or frames.min() < 0 or not frames.sum():
        return None
    lasting: NDArray[np.float64] = frames / frames.sum() * seconds
    return lasting


def _spread(owners: Sequence[int], samples: Samples, sample_rate_hz: int) -> list[Span]:
    loud = _loud_frames(samples, round(_FRAME_SECONDS * sample_rate_hz))
    edges = [len(loud) * index // max(len(owners), 1) for index in range(len(owners) + 1)]
    return [
        (owner, float(loud[start]) * _FRAME_SECONDS, float(loud[end - 1] + 1) * _FRAME_SECONDS)
        for owner, (start, end) in zip(owners, pairwise(edges), strict=True)
        if end > start
    ]


def speech_of(
    pcm16: bytes, sample_rate_hz: int, times: Sequence[WordTime], visemes: Sequence[VisemeTime] = ()
) -> Speech:
    """Make speech of 16-bit samples, trimmed at both ends."""
    samples = np.frombuffer(pcm16, np.int16).astype(np.float32) / np.float32(32768)
    return trimmed(Speech(samples, sample_rate_hz, tuple(times), tuple(visemes)))


def trimmed(speech: Speech) -> Speech:
    """Cut silence at the ends down to LEAD_SECONDS and TAIL_SECONDS; the words' times move along."""
    rate = speech.sample_rate_hz
    loud = _loud_frames(speech.samples, round(_FRAME_SECONDS * rate))
    if not loud.size:
        return silence(len(speech.words), rate)
    start_seconds = float(loud[0]) * _FRAME_SECONDS - LEAD_SECONDS
    end_seconds = float(loud[-1] + 1) * _FRAME_SECONDS + TAIL_SECONDS
    if spoken := [word for word in speech.words if word.end_seconds > word.start_seconds]:
        start_seconds = max(start_seconds, spoken[0].start_seconds - WORD_MARGIN_SECONDS)
        end_seconds = min(end_seconds, spoken[-1].end_seconds + WORD_MARGIN_SECONDS)
    start, end = max(0, int(start_seconds * rate)), min(len(speech.samples), int(end_seconds * rate))
    return speech.moved(speech.samples[start:end].copy(), lambda seconds: seconds - start / rate)


def tightened(speech: Speech) -> Speech:
    """End each word where its sound ends, for engines that count the pause behind a word to it."""
    rate = speech.sample_rate_hz
    frame = round(_FRAME_SECONDS * rate)

    def sound_end_seconds(word: WordTime) -> float:
        start, end = int(word.start_seconds * rate), int(word.end_seconds * rate)
        loud = _loud_frames(speech.samples[start:end], frame)
        return min(word.end_seconds, (start + (int(loud[-1]) + 1) * frame) / rate) if loud.size else word.end_seconds

    words = tuple(WordTime(word.index, word.start_seconds, sound_end_seconds(word)) for word in speech.words)
    return replace(speech, words=words)


def _loud_frames(samples: Samples, frame: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the numbers of the frames whose peak is within 50 dB of the loudest."""
    padded = np.pad(np.abs(samples), (0, -len(samples) % frame))
    peaks = padded.reshape(-1, frame).max(axis=1, initial=0.0)
    return np.flatnonzero(peaks > peaks.max(initial=0.0) * _SILENT_RATIO)
