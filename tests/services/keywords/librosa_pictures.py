"""Pictures as librosa makes them: `python -m tests.services.keywords.librosa_pictures` keeps those of `SOUNDS` here.

The functions need librosa, which only the training environment has; the kept files do not.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "reference"
KINDS = ("log-mel", "mfcc")


def _speechlike(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """A voice that rises from 110 to 180 Hz, with overtones, for half a second in faint noise."""
    phase = 2 * np.pi * (110 * seconds + 35 * seconds**2)
    voice = sum(np.sin(phase * overtone) / overtone for overtone in range(1, 30))
    loudness = np.exp(-(((seconds - 0.5) / 0.2) ** 2))
    return 0.2 * loudness * voice + 0.002 * (np.random.default_rng(3).random(len(seconds)) - 0.5)


SOUNDS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "noise": lambda seconds: 0.5 * (np.random.default_rng(1).random(len(seconds)) - 0.5),
    "tone": lambda seconds: 0.9 * np.sin(2 * np.pi * 440 * seconds),
    "speechlike": _speechlike,
    "click": lambda seconds: (seconds == seconds[len(seconds) // 3]).astype(float),
    "silence": np.zeros_like,
}


def sound(name: str, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return one second of a sound."""
    return SOUNDS[name](np.arange(sample_rate_hz) / sample_rate_hz).astype(np.float32)


def librosa_picture(kind: str, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one window's picture, (frames, bins): what the features of this kind have to equal."""
    import librosa

    if kind == "mfcc":
        return librosa.feature.mfcc(y=samples, sr=22_050, n_mfcc=13, n_fft=2048, hop_length=512).T
    power = librosa.feature.melspectrogram(
        y=samples, sr=16_000, n_fft=480, hop_length=160, center=False, n_mels=40, fmin=20, fmax=7_600
    )
    return np.log(power + 1e-6).T


def assert_equal(found: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    """Allow 1e-4; and two of float32's last places, which are more than that in the -1131 of an MFCC of silence."""
    np.testing.assert_allclose(found, expected, rtol=2 * np.finfo(np.float32).eps, atol=1e-4)


def main() -> None:
    """Write the pictures of all sounds, one file a kind, (sounds, frames, bins)."""
    for kind, sample_rate_hz in zip(KINDS, (16_000, 22_050), strict=True):
        pictures = [librosa_picture(kind, sound(name, sample_rate_hz)) for name in SOUNDS]
        np.save(FOLDER / f"{kind}.npy", np.stack(pictures).astype(np.float32))


if __name__ == "__main__":
    main()
