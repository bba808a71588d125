"""Tiny VITS exports on onnxruntime: what they sound, who speaks, how fast, and broken ones."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from onnxruntime import RunOptions

from services.tts.engines.vits import Vits
from services.tts.network import Manner
from services.tts.speech import Samples
from shared.problems import EngineFailed, ModelCorrupt
from tests.services.tts.voice_model import (
    BROKEN,
    ENDLESS,
    LOUD,
    RATE_HZ,
    facts,
    hz_of,
    ids_of,
    seconds_of,
    vits_bytes,
    ways,
    world_bytes,
)

ENGINE = "vits"
Open = Callable[..., Vits]


def pitch_hz(samples: Samples) -> float:
    """Return the strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return float(spectrum.argmax()) * RATE_HZ / (1 << 16)


def inference(**changes: float) -> dict[str, Any]:
    return {"parameters": {**facts()["parameters"], "inference": changes}}


def test_each_symbol_sounds_in_its_turn(opened: Open) -> None:
    sounded = opened(vits_bytes(durations=True)).speak(ids_of("^ha c$"), Manner())
    assert sounded.samples.dtype == np.float32
    assert sounded.seconds_of_ids == pytest.approx([seconds_of(symbol) for symbol in "^ha c$"], abs=1e-6)
    start, end = np.cumsum(sounded.seconds_of_ids)[:2]
    assert pitch_hz(sounded.samples[int(start * RATE_HZ) : int(end * RATE_HZ)]) == pytest.approx(hz_of("h"), rel=0.02)
    assert len(sounded.samples) / RATE_HZ == pytest.approx(sounded.seconds_of_ids.sum())


def test_a_network_that_does_not_tell_how_long_symbols_last(opened: Open) -> None:
    assert opened(vits_bytes()).speak(ids_of("^ab$"), Manner()).seconds_of_ids is None


def test_rate(opened: Open) -> None:
    voice = opened(vits_bytes(durations=True))
    usual, fast, slow = (voice.speak(ids_of("^hgh$"), Manner(rate=rate)) for rate in (1.0, 2.0, 0.5))
    assert len(fast.samples) == pytest.approx(len(usual.samples) / 2, rel=0.05)
    assert len(slow.samples) == pytest.approx(len(usual.samples) * 2, rel=0.05)
    assert fast.seconds_of_ids is not None
    assert fast.seconds_of_ids.sum() == pytest.approx(len(fast.samples) / RATE_HZ)
    assert voice.changes == ("rate",)


@pytest.mark.parametrize("rate", [1e-9, 1e9])
def test_rates_beyond_reason_are_bounded(opened: Open, rate: float) -> None:
    samples = opened(vits_bytes()).speak(ids_of("^h$"), Manner(rate=rate)).samples
    assert 0.02 < len(samples) / RATE_HZ < 2


def test_each_speaker(opened: Open) -> None:
    voice = opened(vits_bytes(speakers=True), **ways(0, 1, 2))
    peaks = [np.abs(voice.speak(ids_of("a"), Manner(speaker=speaker)).samples).max() for speaker in (None, 0, 1, 2)]
    assert peaks == pytest.approx([0.667, 0.667, 0.667 / 2, 0.667 / 4], rel=0.01)
    with pytest.raises(EngineFailed):
        voice.speak(ids_of("a"), Manner(speaker=3))


def test_what_the_manifest_says_of_inference(opened: Open) -> None:
    sounded = opened(vits_bytes(), **inference(noise_scale=0.25, length_scale=2.0)).speak(ids_of("a"), Manner())
    assert np.abs(sounded.samples).max() == pytest.approx(0.25, rel=0.01)
    assert len(sounded.samples) / RATE_HZ == pytest.approx(2 * seconds_of("a"))


def test_sound_does_not_go_beyond_one(opened: Open) -> None:
    samples = opened(vits_bytes()).speak(ids_of(f"a{LOUD}"), Manner()).samples
    assert np.abs(samples).max() == pytest.approx(1)
    assert np.abs(samples[: int(seconds_of("a") * RATE_HZ)]).max() == pytest.approx(1 / 3, rel=0.02)


def test_no_number_is_no_sound(opened: Open) -> None:
    voice = opened(vits_bytes())
    with pytest.raises(EngineFailed):
        voice.speak(ids_of(f"a{BROKEN}"), Manner())
    assert len(voice.speak(ids_of("a"), Manner()).samples)


def test_threads_get_their_own_sound(opened: Open) -> None:
    voice = opened(vits_bytes(), threads=2)
    texts = ["a", "abc", "^hhhh$", "f"] * 6
    with ThreadPoolExecutor(4) as pool:
        lengths = [len(one.samples) for one in pool.map(lambda text: voice.speak(ids_of(text), Manner()), texts)]
    assert lengths == [round(sum(seconds_of(symbol) for symbol in text) * RATE_HZ) for text in texts]


def front_ends(**changes: object) -> dict[str, Any]:
    parameters = facts()["parameters"]
    return {"parameters": {**parameters, "front_end": {**parameters["front_end"], **changes}}}


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "speech-to-text"},
        {"sample_rate_hz": None},
        {"sample_rate_hz": 4_000},
        {"parameters": {}},
        {"parameters": {**facts()["parameters"], "gender": "robot"}},
        {"parameters": {**facts()["parameters"], "hop_seconds": 0}},
        inference(length_scale=0.0),
        inference(noise_scale=-1.0),
        front_ends(symbols={"a": [15]}, start=None, end=None),
        front_ends(blank="~"),
        front_ends(language="../en"),
        ways(0, 1),
    ],
)
def test_manifests_that_do_not_fit_their_model(opened: Open, changes: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        opened(vits_bytes(), **changes)


def test_a_speaker_that_the_network_lacks(opened: Open) -> None:
    with pytest.raises(ModelCorrupt):
        opened(vits_bytes(speakers=True), **ways(0, 3))


@pytest.mark.parametrize(
    "contents",
    [
        b"\x08\x08",
        world_bytes(),
        vits_bytes().replace(b"input_lengths", b"input_measure"),
        vits_bytes(speakers=True).replace(b"sid", b"who"),
    ],
)
def test_models_that_are_no_vits(opened: Open, contents: bytes) -> None:
    with pytest.raises(ModelCorrupt):
        opened(contents)


def test_durations_of_something_else_are_none(opened: Open) -> None:
    """A second output of that name that has not a number for each symbol."""
    contents = vits_bytes(durations=True).replace(b"\x0a\x06frames\x0a\x03row", b"\x0a\x06output\x0a\x03row")
    assert opened(contents).speak(ids_of("^ab$"), Manner()).seconds_of_ids is None


def test_another_thread_ends_what_would_not_end(opened: Open) -> None:
    voice, options = opened(vits_bytes(endless=True)), RunOptions()
    with ThreadPoolExecutor(1) as pool:
        speaking = pool.submit(voice.speak, ids_of(f"a{ENDLESS}"), Manner(), options)
        with pytest.raises(TimeoutError):
            speaking.result(timeout=1)
        options.terminate = True
        with pytest.raises(EngineFailed):
            speaking.result(timeout=100)
    assert len(voice.speak(ids_of("a"), Manner()).samples)
