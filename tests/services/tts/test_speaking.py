"""Utterances through tiny networks: every word in its place, long ones in parts."""

from pathlib import Path

import numpy as np
import pytest

from services.tts.engines.vits import Vits
from services.tts.engines.world import World
from services.tts.front_end import FrontEnd, id_sequences, sounds_of_all, spoken_words
from services.tts.network import Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speaking import spoken
from services.tts.speech import Speech
from shared.store import ModelStore
from tests.services.tts.voice_model import facts, vits_bytes, world_bytes, write_voice

NETWORKS = ["vits with durations", "vits", "world"]


@pytest.fixture
def network(tmp_path: Path, request: pytest.FixtureRequest) -> VoiceNetwork:
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    contents = {"vits with durations": vits_bytes(durations=True), "vits": vits_bytes(), "world": world_bytes()}
    engine = request.param.split()[0]
    store.publish(write_voice(tmp_path / "voice", engine, contents[request.param]), "alice", "1")
    return (World if engine == "world" else Vits)(store.fetch("alice"), threads=1)


def speak(network: VoiceNetwork, text: str, **manner: float) -> Speech:
    front_end: FrontEnd = VoiceParameters.model_validate(facts()["parameters"]).front_end
    words = spoken_words(text, "xx")
    (sounds,) = sounds_of_all([words], front_end)
    return spoken(network, id_sequences(front_end, words, sounds), len(words), Manner(**manner))


def level(speech: Speech, start_seconds: float, end_seconds: float) -> float:
    start, end = (int(seconds * speech.sample_rate_hz) for seconds in (start_seconds, end_seconds))
    return float(np.sqrt(np.mean(np.square(speech.samples[start:end]))))


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
def test_every_word_has_its_time(network: VoiceNetwork) -> None:
    speech = speak(network, "abcd, hgf egh")
    assert [word.index for word in speech.words] == [0, 1, 2]
    edges = [edge for word in speech.words for edge in (word.start_seconds, word.end_seconds)]
    assert edges == sorted(edges)
    assert edges[0] < 0.03
    assert edges[-1] <= speech.seconds < edges[-1] + 0.1
    loud = level(speech, 0, speech.seconds)
    assert all(level(speech, word.start_seconds, word.end_seconds) > loud / 2 for word in speech.words)


@pytest.mark.parametrize("network", ["vits with durations", "world"], indirect=True)
def test_times_that_the_network_tells(network: VoiceNetwork) -> None:
    first, second, third = speak(network, "ab, hh a").words
    assert second.start_seconds - first.end_seconds == pytest.approx(0.14, abs=0.02)
    assert second.end_seconds - second.start_seconds == pytest.approx(0.40, abs=0.02)
    assert third.end_seconds - third.start_seconds == pytest.approx(0.06, abs=0.02)


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
def test_visemes_begin_with_their_sounds(network: VoiceNetwork) -> None:
    speech = speak(network, "bad, feb")
    sounds = [viseme for viseme in speech.visemes if viseme.viseme != "sil"]
    assert "".join(viseme.viseme for viseme in sounds) == "patfep"
    assert [viseme.seconds for viseme in sounds] == sorted(viseme.seconds for viseme in sounds)
    first, second = speech.words
    assert all(first.start_seconds <= viseme.seconds <= first.end_seconds for viseme in sounds[:3])
    assert all(second.start_seconds <= viseme.seconds <= second.end_seconds for viseme in sounds[3:])


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
def test_long_utterances_are_whole(network: VoiceNetwork) -> None:
    speech = speak(network, "aba " * 160)
    one = speak(network, "aba").words[0].end_seconds
    assert len(speech.words) == 160
    assert all(0.8 * one < word.end_seconds - word.start_seconds < 1.3 * one for word in speech.words)
    assert speech.words[-1].end_seconds <= speech.seconds < speech.words[-1].end_seconds + 0.1


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
@pytest.mark.parametrize("text", ["", "xyz", "..."])
def test_nothing_to_speak(network: VoiceNetwork, text: str) -> None:
    speech = speak(network, text)
    assert len(speech.samples) == 0
    assert len(speech.words) == (text == "xyz")
    assert all(word.end_seconds == 0 for word in speech.words)


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
def test_an_unknown_word_among_others(network: VoiceNetwork) -> None:
    first, unknown, last = speak(network, "hgf xyz fgh").words
    assert unknown.start_seconds == unknown.end_seconds
    assert first.end_seconds <= unknown.start_seconds <= last.start_seconds


@pytest.mark.parametrize("network", NETWORKS, indirect=True)
def test_rate(network: VoiceNetwork) -> None:
    usual, fast = speak(network, "hghg hghg"), speak(network, "hghg hghg", rate=2.0)
    assert fast.words[-1].end_seconds == pytest.approx(usual.words[-1].end_seconds / 2, rel=0.1)
