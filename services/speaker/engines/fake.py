"""Engines without a model: they guess from the pitch, always the same. For tests; the answers mean nothing."""

import time

import numpy as np

from services.speaker.engine import AgeEstimate, GenderScores, Judgement, Reason, Samples, SpeakerEngine
from shared.problems import EngineFailed

LEAST_SPEECH_SECONDS = 1.0
_FRAME_SAMPLES = 640
_SILENCE_LEVEL = 0.003
"""Root mean square of a frame, about -50 dB of full scale, below which it is silence."""
_LOWEST_HZ, _MIDDLE_HZ, _HIGHEST_HZ = 60, 165, 400


class Fake(SpeakerEngine):
    """Takes all that is not silent for speech, high voices for women's and young ones."""

    sample_rate_hz = 16_000

    def judge(self, samples: Samples) -> Judgement:
        """Judge by the median pitch; abstain on less than a second of sound."""
        frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
        loud = frames[np.sqrt(np.square(frames).mean(axis=1)) > _SILENCE_LEVEL]
        speech_seconds = loud.size / self.sample_rate_hz
        if speech_seconds < LEAST_SPEECH_SECONDS:
            reason: Reason = "too_little_speech" if speech_seconds else "no_speech"
            return Judgement(speech_seconds, reason, reason)
        return _guess(speech_seconds, float(np.median([_pitch_hz(frame, self.sample_rate_hz) for frame in loud])))


class Slow(Fake):
    """Works as long as the recording lasts."""

    def judge(self, samples: Samples) -> Judgement:
        """Judge as the base does, in time."""
        time.sleep(len(samples) / self.sample_rate_hz)
        return super().judge(samples)


class Failing(Fake):
    """Never judges."""

    def judge(self, samples: Samples) -> Judgement:
        """Raise EngineFailed."""
        raise EngineFailed("The engine fails, as it was asked to.")


def _guess(speech_seconds: float, pitch_hz: float) -> Judgement:
    female = float(1 / (1 + np.exp((_MIDDLE_HZ - pitch_hz) / 15)))
    years = float(np.interp(pitch_hz, [_LOWEST_HZ, _HIGHEST_HZ], [80.0, 8.0]))
    return Judgement(speech_seconds, GenderScores(female, 1 - female), AgeEstimate(years, (years - 8, years + 8)))


def _pitch_hz(frame: Samples, sample_rate_hz: int) -> float:
    """Return the pitch at which the frame is most like itself one period later."""
    spectrum = np.fft.rfft(frame, 2 * len(frame))
    likeness = np.fft.irfft(np.square(np.abs(spectrum)))
    shortest, longest = sample_rate_hz // _HIGHEST_HZ, sample_rate_hz // _LOWEST_HZ
    return sample_rate_hz / float(shortest + likeness[shortest : longest + 1].argmax())
