"""A tiny Kaldi model, heard by Vosk's own library: words, times, pauses, several threads, and folders that are none."""

import os
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.stt.engine import Abilities, Wishes
from services.stt.engines import children
from services.stt.engines.vosk import Vosk
from shared.child_process import write
from shared.problems import EngineFailed, ModelCorrupt
from shared.store import LocalModel, ModelStore
from tests.services.stt.vosk_model import HIGH_HZ, LOW_HZ, SAMPLE_RATE_HZ, tones, write_model

LOW, HIGH = tones((0, 0.3), (LOW_HZ, 0.5), (0, 0.3)), tones((0, 0.3), (HIGH_HZ, 0.5), (0, 0.3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "export")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Vosk:
    folder = tmp_path_factory.mktemp("vosk")
    return Vosk(stored(write_model(folder / "export"), folder), threads=1)


def stored(folder: Path, store: Path) -> LocalModel:
    """Bring a folder into a store of its own, past all of the store's checks."""
    models = ModelStore(str(store / "models"), store / "cache")
    models.publish(folder, "vosk-tiny", "1")
    return models.fetch("vosk-tiny")


def texts(engine: Vosk, *utterances: np.ndarray) -> list[str]:
    return [" ".join(segment.text for segment in found) for found in engine.transcribe(utterances, Wishes())]


def test_words_and_their_times(engine: Vosk) -> None:
    sound = tones((0, 0.5), (LOW_HZ, 0.6), (0, 0.1), (HIGH_HZ, 0.5), (0, 0.5))
    [[segment]] = engine.transcribe([sound], Wishes(word_times=True))
    assert (segment.text, segment.language) == ("low high", "en")
    low, high = segment.words
    assert (low.text, high.text) == ("low", "high")
    assert (low.start_seconds, low.end_seconds) == pytest.approx((0.5, 1.1), abs=0.1)
    assert (high.start_seconds, high.end_seconds) == pytest.approx((1.2, 1.7), abs=0.1)
    assert low.probability == pytest.approx(1.0, abs=0.01)
    assert (segment.start_seconds, segment.end_seconds) == (low.start_seconds, high.end_seconds)
    assert segment.mean_log_probability == pytest.approx(0.0, abs=0.01)


def test_words_only_on_request(engine: Vosk) -> None:
    [[segment]] = engine.transcribe([LOW], Wishes())
    assert segment.words == ()


def test_what_follows_a_long_pause_is_heard_too(engine: Vosk) -> None:
    """Vosk ends its phrase there and begins anew, which its times must not do."""
    sound = tones((LOW_HZ, 0.5), (0, 2.5), (HIGH_HZ, 0.5), (0, 0.3))
    low, high = engine.transcribe([sound], Wishes())[0]
    assert (low.text, high.text) == ("low", "high")
    assert high.start_seconds == pytest.approx(3.0, abs=0.1)


def test_silence_and_nothing(engine: Vosk) -> None:
    assert engine.transcribe([tones((0, 1.0)), LOW[:0], LOW[:1]], Wishes()) == [[], [], []]


def test_company_and_order_change_nothing(engine: Vosk) -> None:
    alone = [engine.transcribe([sound], Wishes(word_times=True))[0] for sound in (LOW, HIGH, LOW)]
    assert engine.transcribe([LOW, HIGH, LOW], Wishes(word_times=True)) == alone
    assert engine.transcribe([LOW, LOW, HIGH], Wishes(word_times=True)) == [alone[0], alone[2], alone[1]]


def test_threads_get_their_own_answers(engine: Vosk) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda sound: texts(engine, sound), [LOW, HIGH] * 8)) == [["low"], ["high"]] * 8


def test_a_library_that_dies_costs_one_utterance(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what comes next is heard by a child that opens the model anew."""
    engine = Vosk(stored(folder, tmp_path), threads=1)
    [child] = engine._children._idle
    os.kill(child.process.pid, signal.SIGSTOP)  # so that it is certain to die in the middle of its work
    is_asked = threading.Event()

    def written(*message: Any) -> None:
        write(*message)
        is_asked.set()

    monkeypatch.setattr(children, "write", written)
    with ThreadPoolExecutor(1) as pool:
        hearing = pool.submit(texts, engine, LOW)
        assert is_asked.wait(100)
        os.kill(child.process.pid, signal.SIGABRT)
        os.kill(child.process.pid, signal.SIGCONT)
        with pytest.raises(EngineFailed):
            hearing.result()
    assert texts(engine, LOW, HIGH) == ["low", "high"]


def test_what_it_can_do(engine: Vosk) -> None:
    assert engine.abilities == Abilities(("en",))
    assert engine.sample_rate_hz == SAMPLE_RATE_HZ


def test_language_and_rate_are_the_manifest_s(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "export", languages=["de"], sample_rate_hz=32_000)
    engine = Vosk(stored(folder, tmp_path), threads=1)
    [[segment]] = engine.transcribe([LOW.repeat(2)], Wishes())
    assert (segment.text, segment.language) == ("low", "de")
    assert segment.start_seconds == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst"])
def test_a_missing_file(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelCorrupt, match=f"has no (file )?{name}"):
        Vosk(stored(folder, tmp_path), threads=1)


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf", "graph/words.txt", "graph/HCLG.fst"])
def test_a_damaged_file(folder: Path, tmp_path: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2] + b"\xff")
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        Vosk(stored(folder, tmp_path), threads=1)


def test_a_folder_of_another_engine(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "export")
    shutil.rmtree(folder / "am")
    (folder / "model.bin").write_bytes(b"weights")
    with pytest.raises(ModelCorrupt, match=r"has no file am/final\.mdl"):
        Vosk(stored(folder, tmp_path), threads=1)
