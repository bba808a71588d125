"""The check of enrolment, on tones: a whistle is told from other tones by a tiny model, a tone of two kinds is not."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.keywords.engines.fake import TONES_HZ, Fake
from services.keywords.negatives import NEGATIVES
from shared.store import ModelStore
from tests.services.keywords.onnx_model import write_model
from training.keywords.enrolment_check import main

RATE_HZ = 16_000
CHANCE = np.random.default_rng(0)


def samples(hz: float, seconds: float = 1.0) -> np.ndarray:
    """Return a tone, or noise where it has 0 Hz, somewhere in faint noise."""
    sound = 1e-3 * CHANCE.normal(size=round(seconds * RATE_HZ))
    length = RATE_HZ // 2
    start = int(CHANCE.integers(len(sound) - length + 1))
    tone = np.sin(2 * np.pi * hz * np.arange(length) / RATE_HZ) if hz else CHANCE.normal(size=length) / 3
    sound[start : start + length] += CHANCE.uniform(0.1, 0.6) * tone
    return sound.astype(np.float32)


def write(folder: Path, hz: float, count: int, seconds: float = 1.0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = f"{folder.name}{number:x}_nohash_0.wav"
        soundfile.write(folder / name, samples(hz * CHANCE.uniform(0.98, 1.02), seconds), RATE_HZ)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    write(data / "custom_keywords/whistle", 5_200, 25)
    write(data / "custom_keywords/rare", 1_900, 3)
    for word, hz in TONES_HZ.items():
        write(data / "speech_commands" / word, hz, 6)
    write(data / "librispeech/read", 0, 30, seconds=4)
    return data


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    store = ModelStore(str(folder / "store"), folder / "cache")
    written = write_model(folder / "export")
    sounds = [samples(hz) for hz in [*TONES_HZ.values(), 0.0] * 15]
    pictures = np.concatenate([Fake.features.pictures(sound) for sound in sounds])
    np.save(written / NEGATIVES, pictures.mean(axis=1).astype(np.float16))
    store.publish(written, "keywords", "1")
    return folder / "store/keywords/1"


def test_a_table(data: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(model), str(data), "--draws", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [name.strip() for name in lines[2].strip("|").split("|")]
    rows = {cells[0]: dict(zip(names[1:], map(float, cells[1:]), strict=True)) for cells in map(_cells, lines[4:])}
    assert list(rows) == ["whistle", "mean", "deviation between draws", "deviation between words"]
    assert rows["whistle"] == rows["mean"]
    found = rows["whistle"]
    assert found["recall_clip"] == found["recall"] > 0.7
    assert found["recall_stream"] <= found["recall_clip"]
    assert found["clips"] < 0.1
    assert found["others"] < 0.5
    assert found["expected"] > 0.7
    assert found["twice"] == 1
    assert rows["deviation between draws"]["stream_threshold"] > 0  # others were enrolled the second time
    assert set(rows["deviation between words"].values()) == {0}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
