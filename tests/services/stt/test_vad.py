"""Silero's network at streams: each has its own state, and pieces change nothing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from services.stt import vad
from shared.audio import Samples
from tests.services.stt.conftest import Serve
from tests.sounds import spoken

SPEECH = spoken("rms").samples
SOUND: Samples = np.concatenate([np.zeros(16_000, np.float32), SPEECH, np.zeros(16_000, np.float32)])


def heard(samples: Samples, size: int) -> vad.Probabilities:
    stream = vad.Silero()
    pieces = [stream.feed(samples[start : start + size]) for start in range(0, len(samples), size)]
    return np.concatenate([*pieces, stream.finish()])


def test_speech_is_told_from_silence() -> None:
    frames = heard(SOUND, len(SOUND))
    silent, speaking = 16_000 // vad.FRAME_SAMPLES, len(SPEECH) // vad.FRAME_SAMPLES
    assert len(frames) == -(-len(SOUND) // vad.FRAME_SAMPLES)
    assert frames[: silent - 1].max() < 0.1
    assert np.median(frames[silent : silent + speaking]) > 0.95
    assert frames[-10:].max() < 0.1


@pytest.mark.parametrize("size", [1_000, 512, 333, 40_000])
def test_pieces_change_nothing(size: int) -> None:
    assert np.array_equal(heard(SOUND, size), heard(SOUND, len(SOUND)))


def test_nothing_is_nothing() -> None:
    stream = vad.Silero()
    assert len(stream.feed(np.zeros(0, np.float32))) == 0
    assert len(stream.finish()) == 0


@pytest.mark.anyio
async def test_a_service_that_is_ready_has_loaded_the_network(serve: Serve) -> None:
    vad._network.cache_clear()
    async with serve():
        assert vad._network.cache_info().currsize == 1


def test_streams_at_once_do_not_mix() -> None:
    sounds = [SOUND[start:] for start in range(0, 24_000, 3_000)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda sound: heard(sound, 4_000), sounds))
    assert all(np.array_equal(found, heard(sound, 4_000)) for found, sound in zip(together, sounds, strict=True))
