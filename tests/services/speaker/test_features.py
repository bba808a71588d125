"""What the networks see: the pitch where it is, the same of soft and loud speech, and nothing that is not finite."""

import numpy as np
import pytest

from services.speaker.features import Frames, VoiceFeatures
from shared.audio import Samples
from tests.sounds import RATE_HZ, buzz, silence

FEATURES = VoiceFeatures()
_EDGES_HZ = np.geomspace(FEATURES.highest_pitch_hz, FEATURES.lowest_pitch_hz, FEATURES.periods + 1)


def voice(pitch_hz: float, seconds: float = 1.0, level: float = 0.1) -> Samples:
    """Return a voice: all harmonics up to 4 kHz, and a little noise."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    harmonics = sum(np.cos(2 * np.pi * pitch_hz * n * time) / n for n in range(1, int(4_000 / pitch_hz)))
    noise = np.random.default_rng(0).normal(size=len(time))
    return (level * (harmonics + 0.02 * noise)).astype(np.float32)


def periods(frames: Frames) -> Frames:
    return frames[:, FEATURES.bands :]


def bands(frames: Frames) -> Frames:
    return frames[:, : FEATURES.bands]


@pytest.mark.parametrize("pitch_hz", [66, 85, 100, 111, 120, 133, 150, 180, 210, 240, 285, 333, 400])
def test_the_pitch_is_where_it_should_be_and_no_voice_falls_between_two_periods(pitch_hz: float) -> None:
    likeness = periods(FEATURES.frames(voice(pitch_hz))).mean(axis=0)
    found = int(likeness.argmax())
    assert _EDGES_HZ[found] * 1.03 > pitch_hz > _EDGES_HZ[found + 1] / 1.03
    assert likeness[found] > 0.3


def test_shape() -> None:
    frames = FEATURES.frames(voice(120, 2))
    assert frames.shape == (1 + (2 * RATE_HZ - 1024) // 256, FEATURES.bins)
    assert (frames.dtype, FEATURES.bins) == (np.float32, 112)


@pytest.mark.parametrize("samples", [0, 1, 511, 1023])
def test_a_sound_shorter_than_a_frame_has_none(samples: int) -> None:
    assert FEATURES.frames(np.ones(samples, np.float32)).shape == (0, FEATURES.bins)
    assert len(FEATURES.frames(np.ones(1024, np.float32))) == 1


@pytest.mark.parametrize(
    "sound",
    [silence(2).samples, np.ones(RATE_HZ, np.float32), 1e-30 * voice(120), np.eye(1, RATE_HZ, dtype=np.float32)[0]],
)
def test_silence_and_worse_is_finite(sound: Samples) -> None:
    assert np.isfinite(FEATURES.frames(sound.astype(np.float32))).all()


def test_frames_of_a_long_sound_are_those_of_its_slices() -> None:
    tile = voice(120, 8_192 / RATE_HZ) * np.repeat(np.linspace(0.1, 1, 16, dtype=np.float32), 512)
    long = np.tile(tile, 100)  # so that every slice of whole tiles is as loud as the others
    frames = FEATURES.frames(long)
    for start in (0, 31, 60):
        alone = FEATURES.frames(long[start * 8_192 : (start + 40) * 8_192])
        assert frames[start * 32 : start * 32 + len(alone)] == pytest.approx(alone, abs=2e-3)


def test_loudness_changes_nothing() -> None:
    loud, soft = (FEATURES.frames(voice(120, level=level)) for level in (0.2, 0.002))
    assert soft == pytest.approx(loud, abs=0.01)


def test_pauses_make_a_voice_no_louder() -> None:
    speech, pause = voice(120, 1.536), np.zeros(24_576, np.float32)
    alone = bands(FEATURES.frames(speech))[10:80]
    between = bands(FEATURES.frames(np.concatenate([speech, pause])))[10:80]
    assert between == pytest.approx(alone, abs=0.1)  # half a decibel


def test_the_noise_of_a_silent_room_stays_soft() -> None:
    noise = np.random.default_rng(0).normal(size=RATE_HZ).astype(np.float32)
    room, street = (bands(FEATURES.frames(level * noise)).mean() for level in (1e-5, 1e-2))
    assert room < street - 4


def test_bands_tell_low_sound_from_high() -> None:
    low, high = (bands(FEATURES.frames(buzz(pitch_hz, 1).samples)).mean(axis=0).argmax() for pitch_hz in (100, 1_000))
    assert low < 10 < high
