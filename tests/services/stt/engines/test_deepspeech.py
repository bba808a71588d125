"""A network that knows one sentence hears it, with and without its language model; other files are refused."""

import asyncio
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from services.stt.engine import Segment, Wishes
from services.stt.engines.deepspeech import DeepSpeech
from services.stt.phrases import segments_of
from shared.audio import Samples, Sound, encode
from shared.problems import ModelCorrupt
from shared.store import ModelStore
from tests.services.stt.conftest import Serve
from tests.services.stt.engines.deepspeech_model import SCORER, SENTENCE, TFLITE, local_model
from tests.sounds import spoken

ROOT = Path(__file__).parents[4]
TIMES = Wishes(word_times=True)


@pytest.fixture(scope="module")
def sentence() -> Samples:
    return spoken("slt", SENTENCE).samples


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DeepSpeech:
    return DeepSpeech(local_model(tmp_path_factory.mktemp("words"), TFLITE, SCORER), threads=1)


@pytest.fixture(scope="module")
def of_letters(tmp_path_factory: pytest.TempPathFactory) -> DeepSpeech:
    return DeepSpeech(local_model(tmp_path_factory.mktemp("letters"), TFLITE), threads=1)


def text(segments: list[Segment]) -> str:
    return " ".join(segment.text for segment in segments)


def test_the_sentence_with_a_scorer(engine: DeepSpeech, sentence: Samples) -> None:
    (segments,) = engine.transcribe([sentence], Wishes())
    assert text(segments) == SENTENCE
    assert segments[0].words == ()
    assert (segments[0].language, engine.sample_rate_hz) == ("en", 16_000)


def test_the_sentence_by_letters_alone(of_letters: DeepSpeech, sentence: Samples) -> None:
    assert text(of_letters.transcribe([sentence], Wishes())[0]) == SENTENCE


def test_abilities_follow_the_files(engine: DeepSpeech, of_letters: DeepSpeech) -> None:
    assert (engine.abilities.takes_keywords, of_letters.abilities.takes_keywords) == (True, False)
    assert engine.abilities.languages == ("en",)


def test_words_have_their_times(engine: DeepSpeech, sentence: Samples) -> None:
    (segments,) = engine.transcribe([np.pad(sentence, (8_000, 0))], TIMES)
    words = [word for segment in segments for word in segment.words]
    assert [word.text for word in words][1:] == SENTENCE.split()[1:]  # silence before it is new to the network
    assert all(word.start_seconds < word.end_seconds for word in words)
    assert all(before.end_seconds <= after.start_seconds for before, after in pairwise(words))
    assert words[-1].end_seconds == pytest.approx(0.5 + len(sentence) / 16_000, abs=0.2)
    assert all(word.probability is not None and 0 < word.probability <= 1 for word in words)


def test_segments_end_at_pauses_as_those_of_other_engines(engine: DeepSpeech, sentence: Samples) -> None:
    twice = np.concatenate([sentence, np.zeros(round(0.8 * 16_000), np.float32), sentence])
    (segments,) = engine.transcribe([twice], TIMES)
    words = [word for segment in segments for word in segment.words]
    assert segments == segments_of(words, "en", word_times=True)
    assert len(segments) > 1


def test_neither_order_nor_company_nor_threads_change_the_text(engine: DeepSpeech, sentence: Samples) -> None:
    sounds = [sentence, sentence[::-1].copy(), np.zeros(16_000, np.float32), sentence[:20_000]]
    alone = [engine.transcribe([sound], TIMES)[0] for sound in sounds]
    assert engine.transcribe(sounds, TIMES) == alone
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda sound: engine.transcribe([sound], TIMES)[0], sounds * 2)) == alone * 2


@pytest.mark.parametrize("samples", [0, 1, 320, 511, 512, 513, 832])
def test_sounds_of_any_length(of_letters: DeepSpeech, samples: int) -> None:
    """One frame for each whole step of 20 ms, and one for what is left."""
    frames = np.concatenate(list(of_letters._network.probabilities(np.zeros(samples, np.float32))))
    assert frames.shape == (max(0, (samples - 512) // 320 + 1) + 1, 29)
    assert frames.sum(axis=1) == pytest.approx(np.ones(len(frames)), abs=1e-4)


def test_weights_of_the_manifest_replace_the_scorer_s(tmp_path: Path, sentence: Samples) -> None:
    weights = {"alpha": 0.0, "beta": -60.0, "beam_width": 50}
    dear = DeepSpeech(local_model(tmp_path, TFLITE, SCORER, parameters=weights), threads=1)
    few = text(dear.transcribe([sentence], Wishes())[0]).split()
    assert len(few) < len(SENTENCE.split()) / 2  # where every word costs


@pytest.mark.parametrize("parameters", [{"beam_width": 0}, {"alpha": "much"}, {"gamma": 1.0}])
def test_parameters_that_are_none(tmp_path: Path, parameters: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt, match="parameters"):
        DeepSpeech(local_model(tmp_path, TFLITE, parameters=parameters), threads=1)


@pytest.mark.parametrize("names", [(), ("a.tflite", "b.tflite"), ("a.tflite", "a.scorer", "b.scorer")])
def test_folders_without_one_model(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in ("notes.txt", *names):
        (tmp_path / name).write_bytes((SCORER if name.endswith("scorer") else TFLITE).read_bytes())
    with pytest.raises(ModelCorrupt, match="has one"):
        DeepSpeech(local_model(tmp_path), threads=1)


def _older(data: bytes) -> bytes:
    version = struct.pack("<i", 6)
    assert data.count(b"metadata_version") == 1
    return data.replace(_vector(version), _vector(struct.pack("<i", 5)))


def _vector(data: bytes) -> bytes:
    return struct.pack("<i", len(data)) + data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: b"TFL3" * 100,
        lambda data: data[:5_000],
        lambda data: data.replace(b"mfccs", b"mfccz"),
        lambda data: data.replace(b"input_node", b"input_nude"),
        _older,
    ],
)
def test_files_that_are_no_model(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    data = change(TFLITE.read_bytes())
    assert data != TFLITE.read_bytes()
    (tmp_path / "model.tflite").write_bytes(data)
    with pytest.raises(ModelCorrupt):
        DeepSpeech(local_model(tmp_path), threads=1)


def test_models_that_write_bytes(tmp_path: Path) -> None:
    data = TFLITE.read_bytes().replace(struct.pack("<HH", 26, 1) + b"z", struct.pack("<HH", 26, 1) + b"\xff")
    (tmp_path / "model.tflite").write_bytes(data)
    with pytest.raises(ModelCorrupt, match="bytes of UTF-8"):
        DeepSpeech(local_model(tmp_path), threads=1)


async def _transcribed(http: httpx.AsyncClient, sentence: Samples) -> httpx.Response:
    files = {"file": ("sentence.wav", encode(Sound(sentence, 16_000), "wav"))}
    return await http.post("/v1/audio/transcriptions", files=files, data={"model": "whisper-1"})


def test_the_sentence_over_http(tmp_path: Path, serve: Serve, sentence: Samples) -> None:
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    store.publish(local_model(tmp_path / "export", TFLITE, SCORER).path, "sentence", "1")
    store.point("sentence", "1")

    async def ask() -> httpx.Response:
        async with serve(stt_model="sentence", models=str(tmp_path / "store")) as http:
            return await _transcribed(http, sentence)

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["text"]) == (200, SENTENCE)


def test_a_language_model_that_kenlm_does_not_read(tmp_path: Path) -> None:
    (tmp_path / "model.scorer").write_bytes(SCORER.read_bytes().replace(b"format version 5", b"format version 4"))
    with pytest.raises(ModelCorrupt, match="scorer"):
        DeepSpeech(local_model(tmp_path, TFLITE), threads=1)


@pytest.mark.heavy
def test_ten_minutes_cost_hardly_more_memory_than_one(tmp_path: Path) -> None:
    """In a process of its own, whose peak is asked for: interpreter and decoder hold theirs outside of Python."""
    local_model(tmp_path / "model", TFLITE, SCORER)
    program = f"""
import resource
from pathlib import Path
from services.stt.engine import Wishes
from services.stt.engines.deepspeech import DeepSpeech
from services.stt.transcriber import Transcriber
from shared.audio import Sound
from tests.services.stt.engines.deepspeech_model import SENTENCE, local_model
from tests.sounds import spoken
engine, speech = DeepSpeech(local_model(Path({str(tmp_path / "model")!r})), 1), spoken("slt", SENTENCE)
def heard(minutes):
    blocks = (Sound(speech.samples.copy(), 16_000) for _ in range(round(60 * minutes / speech.seconds)))
    segments = list(Transcriber(engine).segments(blocks, Wishes()))
    return segments[-1].end_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(*heard(1), *heard(10))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    minute_seconds, minute_kilobytes, seconds, kilobytes = map(float, done.stdout.split())
    assert (minute_seconds, seconds) == (pytest.approx(60, abs=5), pytest.approx(600, abs=5))
    assert kilobytes - minute_kilobytes < (seconds - minute_seconds) * 16_000 * 4 / 1024 / 2
