"""Sound to utterances: what holds no speech is left out, what lasts too long is cut at a pause.

Decisions are taken frame by frame, so they are the same however the sound is cut into pieces when it is fed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.stt import vad
from shared.audio.resample import Resampler
from shared.audio.sound import Samples

_SPEECH, _STILL_SPEECH = 0.5, 0.35
"""How likely a frame has to be speech to begin it, and to go on with it (Silero's own figures)."""
_LEAST_FRAMES = 3
"""Frames of speech in a row without which there is no utterance: noise has one or two at times."""
_SAMPLE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech, float32 (n,), and where it is in the recording."""

    samples: Samples
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Pauses:
    """Which stretches without speech part utterances."""

    longer_than_seconds: float = 3.0
    """Longer ones are left out, at the beginning and at the end of the sound too; shorter ones stay as they are."""
    kept_seconds: float = 0.5
    """What of them is kept on either side; at most half of the above."""


class Utterances:
    """Cuts one stream of sound into utterances of at most `longest_seconds`; holds no more than about one of them."""

    def __init__(
        self,
        sample_rate_hz: int,
        longest_seconds: float,
        pauses: Pauses | None = None,
        detector: vad.Detector | None = None,
    ) -> None:
        pauses = pauses or Pauses()
        self._held = _Held(sample_rate_hz)
        self._detector = detector or vad.Silero()
        self._resampler = Resampler(sample_rate_hz, vad.SAMPLE_RATE_HZ)
        self._longest = int(longest_seconds * sample_rate_hz)
        self._pause = round(pauses.longer_than_seconds * sample_rate_hz)
        self._kept = round(pauses.kept_seconds * sample_rate_hz)
        self._speech_end = 0
        self._frames_in_a_row = 0
        self._is_open = self._is_speaking = self._is_certain = False

    @property
    def fed_seconds(self) -> float:
        """Length of the sound so far."""
        return self._held.end / self._held.rate_hz

    @property
    def unfinished(self) -> Utterance | None:
        """What has been heard of the utterance that has not ended, once it is certain that it is one."""
        return self._held.until(self._held.end) if self._is_open and self._is_certain else None

    def feed(self, samples: Samples) -> list[Utterance]:
        """Take the next sound, float32 (n,); return the utterances that have ended by now."""
        self._held.append(samples)
        return list(self._judge(self._detector.feed(self._resampler.feed(samples))))

    def finish(self) -> list[Utterance]:
        """Return the rest of the utterances; nothing may be fed after it."""
        ended = list(self._judge(self._detector.feed(self._resampler.finish())))
        ended += self._judge(self._detector.finish())
        ended += self._end(self._held.end)
        return ended

    def _judge(self, probabilities: vad.Probabilities) -> Iterator[Utterance]:
        for probability in probabilities.tolist():
            self._held.judged(probability)
            self._listen(probability)
            now = self._held.judged_until
            if self._is_silent_at(now):
                yield from self._end(self._speech_end + self._kept)
                self._held.forget_before(now - self._kept)
            elif self._is_open and now - self._held.begin > self._longest:
                yield from self._cut()

    def _listen(self, probability: float) -> None:
        self._is_speaking = probability >= (_STILL_SPEECH if self._is_speaking else _SPEECH)
        self._frames_in_a_row = self._frames_in_a_row + 1 if probability >= _SPEECH else 0
        self._is_certain = self._is_certain or self._frames_in_a_row >= _LEAST_FRAMES
        if self._is_speaking:
            self._is_open = True
            self._speech_end = self._held.judged_until

    def _is_silent_at(self, position: int) -> bool:
        return position - self._speech_end > self._pause

    def _end(self, end: int) -> Iterator[Utterance]:
        if self._is_open and self._is_certain:
            yield self._held.until(end)
        self._is_open = self._is_certain = False

    def _cut(self) -> Iterator[Utterance]:
        """End an utterance that gets too long; the next one goes on right where it ends."""
        begin, longest = self._held.begin, self._longest
        middle = self._held.quietest(begin + 2 * longest // 3, begin + longest)
        if self._is_certain:
            yield self._held.until(middle)
        self._held.forget_before(middle)
        self._is_open = self._speech_end > middle
        self._is_certain = self._is_certain and self._is_open


class _Held:
    """The sound that may still be needed. Positions are counted in samples from the beginning of the stream."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.begin = 0
        self.end = 0
        self._sound = bytearray()
        self._first_frame = 0
        self._probabilities: list[float] = []

    @property
    def judged_until(self) -> int:
        """Where the last frame ends that was judged."""
        return min(self._position(self._first_frame + len(self._probabilities)), self.end)

    def append(self, samples: Samples) -> None:
        """Add the next sound, float32 (n,)."""
        self._sound += np.ascontiguousarray(samples, np.float32).data
        self.end += len(samples)

    def judged(self, probability: float) -> None:
        """Add how likely the next frame is speech."""
        self._probabilities.append(probability)

    def until(self, end: int) -> Utterance:
        """Return what is held up to `end`."""
        sound = self._sound[: (end - self.begin) * _SAMPLE_BYTES]
        return Utterance(np.frombuffer(sound, np.float32), self.begin / self.rate_hz, end / self.rate_hz)

    def forget_before(self, position: int) -> None:
        """Hold nothing that comes before `position`."""
        begin = max(self.begin, position)
        del self._sound[: (begin - self.begin) * _SAMPLE_BYTES]
        self.begin = begin
        first_frame = self._frame_at(begin)
        del self._probabilities[: first_frame - self._first_frame]
        self._first_frame = first_frame

    def quietest(self, earliest: int, latest: int) -> int:
        """Return the middle of the best pause among the frames between two positions."""
        first = self._frame_at(earliest) + 1
        frames = np.array(self._probabilities[first - self._first_frame : self._frame_at(latest) - self._first_frame])
        start, end = _best_pause(frames)
        return (self._position(first + start) + self._position(first + end)) // 2

    def _position(self, frame: int) -> int:
        return frame * vad.FRAME_SAMPLES * self.rate_hz // vad.SAMPLE_RATE_HZ

    def _frame_at(self, position: int) -> int:
        return position * vad.SAMPLE_RATE_HZ // (vad.FRAME_SAMPLES * self.rate_hz)


def _best_pause(probabilities: NDArray[np.float64]) -> tuple[int, int]:
    """Return first frame and end of the longest pause, the quietest of several; without any, of the quietest frame."""
    quiet = np.concatenate([[False], probabilities < _STILL_SPEECH, [False]])
    pauses = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2).tolist()
    if not pauses:
        quietest = int(np.argmin(probabilities))
        return quietest, quietest + 1
    start, end = max(pauses, key=lambda pause: (pause[1] - pause[0], -probabilities[slice(*pause)].mean()))
    return start, end
