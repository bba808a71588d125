"""Tiny voices of the vocoder on onnxruntime: the F0 asked is the F0 heard, and how long it sounds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from services.tts.engines.world import World
from services.tts.network import Manner
from services.tts.speech import Samples
from services.tts.styles.world import pyworld
from shared.problems import EngineFailed, ModelCorrupt
from tests.services.tts.voice_model import (
    BROKEN,
    RATE_HZ,
    facts,
    hz_of,
    ids_of,
    seconds_of,
    vits_bytes,
    ways,
    world_bytes,
)

ENGINE = "world"
Open = Callable[..., World]
VOWELS = "^hhhhh$"


def f0_hz(samples: Samples) -> float:
    """Return the median F0 of what is voiced."""
    f0, _ = pyworld.harvest(samples.astype(np.float64), RATE_HZ)
    return float(np.median(f0[f0 > 0]))


@pytest.mark.parametrize("symbol", ["a", "d", "h"])
def test_pitch_of_symbols(opened: Open, symbol: str) -> None:
    samples = opened().speak(ids_of(f"^{symbol * 8}$"), Manner()).samples
    assert f0_hz(samples) == pytest.approx(hz_of(symbol), rel=0.01)
    assert samples.dtype == np.float32
    assert 0.01 < np.abs(samples).max() <= 1


@pytest.mark.parametrize("pitch", [0.6, 1.4, 2.0])
def test_pitch_of_voice(opened: Open, pitch: float) -> None:
    samples = opened().speak(ids_of(VOWELS), Manner(pitch=pitch)).samples
    assert f0_hz(samples) == pytest.approx(hz_of("h") * pitch, rel=0.01)


@pytest.mark.parametrize("pitch_range", [0.0, 0.5, 1.5])
def test_pitch_range(opened: Open, pitch_range: float) -> None:
    samples = opened().speak(ids_of("d" * 10), Manner(pitch_range=pitch_range)).samples
    assert f0_hz(samples) == pytest.approx(hz_of("a") * (hz_of("d") / hz_of("a")) ** pitch_range, rel=0.01)


@pytest.mark.parametrize(("rate", "factor"), [(2.0, 0.5), (0.5, 2.0)])
def test_rate(opened: Open, rate: float, factor: float) -> None:
    voice, ids = opened(), ids_of(VOWELS)
    usual, changed = voice.speak(ids, Manner()), voice.speak(ids, Manner(rate=rate))
    assert len(changed.samples) == pytest.approx(len(usual.samples) * factor, rel=0.05)
    assert f0_hz(changed.samples) == pytest.approx(f0_hz(usual.samples), rel=0.02)


def test_times_are_those_of_the_sound(opened: Open) -> None:
    sounded = opened().speak(ids_of("^ab, c$"), Manner())
    assert sounded.seconds_of_ids == pytest.approx([seconds_of(symbol) for symbol in "^ab, c$"])
    assert len(sounded.samples) / RATE_HZ == pytest.approx(sum(seconds_of(symbol) for symbol in "^ab, c$"), abs=0.001)
    pause = sounded.samples[int(0.19 * RATE_HZ) : int(0.25 * RATE_HZ)]
    assert np.abs(pause).max() < 0.02 * np.abs(sounded.samples).max()


def test_the_style_that_is_asked_for(opened: Open) -> None:
    voice = opened(**ways(0, 1))
    assert f0_hz(voice.speak(ids_of(VOWELS), Manner(speaker=1)).samples) == pytest.approx(hz_of("h") * 1.5, rel=0.01)
    with pytest.raises(EngineFailed):
        voice.speak(ids_of(VOWELS), Manner(speaker=2))


def test_the_same_words_sound_the_same(opened: Open) -> None:
    voice = opened()
    first, again = (voice.speak(ids_of("^ab, c$"), Manner()).samples for _ in range(2))
    assert np.array_equal(first, again)
    assert voice.changes == ("rate", "pitch", "pitch_range")


def test_nothing_lasts_no_time(opened: Open) -> None:
    sounded = opened().speak(ids_of("__"), Manner())
    assert len(sounded.samples) == 0


@pytest.mark.parametrize("manner", [Manner(rate=1e-9), Manner(rate=1e9), Manner(pitch=1e9), Manner(pitch=1e-9)])
def test_manners_beyond_reason_are_bounded(opened: Open, manner: Manner) -> None:
    samples = opened().speak(ids_of(VOWELS), manner).samples
    assert np.isfinite(samples).all()
    assert 0.1 < len(samples) / RATE_HZ < 6


def test_no_number_is_no_sound(opened: Open) -> None:
    with pytest.raises(EngineFailed):
        opened().speak(ids_of(f"a{BROKEN}"), Manner())


def parameters(**changes: object) -> dict[str, Any]:
    return {"parameters": {**facts()["parameters"], **changes}}


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "speech-to-text"},
        {"sample_rate_hz": 8_000},
        {"sample_rate_hz": 48_000},
        parameters(hop_seconds=None),
        parameters(hop_seconds=1.0),
        ways(2),
    ],
)
def test_manifests_that_do_not_fit_their_model(opened: Open, changes: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        opened(**changes)


@pytest.mark.parametrize(
    "contents",
    [
        b"\x08\x08",
        vits_bytes(),
        world_bytes().replace(b"spectrum", b"spektrum"),
        world_bytes().replace(np.array([1, -1]).tobytes(), np.array([-1, 1]).tobytes()),
        world_bytes(dimensions=40),
        world_bytes(seconds=100.0),
    ],
)
def test_models_that_are_no_voice_of_the_vocoder(opened: Open, contents: bytes) -> None:
    with pytest.raises(ModelCorrupt):
        opened(contents)
