"""Sound as the well-known gender networks see it: librosa's mel power spectrogram, in the mean over time."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.speaker.features import Frames, Samples, VoiceFeatures
from shared.audio.resample import resample
from shared.mel import mel_filters, power_spectrum


@dataclass(frozen=True)
class MelMean:
    """Mean power in mel bands, as librosa's `melspectrogram` has it by default: no logarithm, and loudness counts."""

    sample_rate_hz: int = 22_050
    frame_samples: int = 2_048
    hop_samples: int = 512
    bands: int = 128

    def of(self, samples: Samples, sample_rate_hz: int) -> NDArray[np.float32]:
        """Return float32 (bands,) of mono sound within [-1, 1]; frames reach beyond its ends, where zeros are."""
        sound = resample(samples, sample_rate_hz, self.sample_rate_hz)
        padded = np.pad(sound.astype(np.float64), self.frame_samples // 2)
        frames = sliding_window_view(padded, self.frame_samples)[:: self.hop_samples]
        power = power_spectrum(frames).mean(axis=0)
        filters = mel_filters(self.sample_rate_hz, self.frame_samples, self.bands, 0.0, self.sample_rate_hz / 2)
        return np.asarray(power @ filters, np.float32)


@dataclass(frozen=True)
class VoiceAndSound(VoiceFeatures):
    """The frames of VoiceFeatures, and in each the sound until the next, for networks with features of their own."""

    @property
    def bins(self) -> int:
        """Numbers in a frame."""
        return super().bins + self.step_samples

    def frames(self, samples: Samples) -> Frames:
        """Return the frames, float32 (n, bins), as VoiceFeatures does."""
        frames = super().frames(samples)[:, : super().bins]  # where there are none, they have our own bins
        sound = samples[: len(frames) * self.step_samples].reshape(-1, self.step_samples)
        return np.concatenate([frames, sound], axis=1)


def apart(frames: Frames, step_samples: int) -> tuple[Frames, Samples]:
    """Return windows of VoiceAndSound without the sound, and their sound, (n, window_frames * step_samples)."""
    sound = frames[:, :, -step_samples:].reshape(len(frames), -1)
    return np.ascontiguousarray(frames[:, :, :-step_samples]), sound
