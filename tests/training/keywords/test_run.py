"""The whole recipe as people call it, on tones: folders in, a model that the service opens out; stopped, it goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

for needed in ("keras", "tf2onnx", "librosa", "matplotlib"):
    pytest.importorskip(needed)

from services.keywords.engines.onnx import Onnx  # noqa: E402
from shared.store import ModelStore  # noqa: E402
from tests.started import ROOT, patiently  # noqa: E402
from tests.training.keywords.words import write_noise, write_read_speech, write_words  # noqa: E402

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3000)]
TIMEOUT_SECONDS = 2400


class Recipe:
    """run.sh between folders of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data, self.speech, self.out = (folder / name for name in ("data", "speech", "out"))
        own = {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
        self.environment = {**os.environ, **own, "SPEECH": "", **settings}

    def start(self) -> subprocess.Popen[str]:
        command = [str(ROOT / "training" / "keywords" / "run.sh"), str(self.data), str(self.out)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, env=self.environment, text=True, start_new_session=True, **streams)

    def run(self) -> str:
        """Call it, and return what it said."""
        with self.start() as process:
            said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        assert process.returncode == 0, said
        return said

    def stop_when(self, file: str) -> None:
        """Call it, and end it and its children once a file is there."""
        with self.start() as process:
            assert any((self.out / file).exists() or process.poll() is not None for _ in patiently(TIMEOUT_SECONDS))
            assert process.poll() is None, process.communicate()[0]
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=TIMEOUT_SECONDS)
        assert process.returncode

    def model(self, name: str) -> Onnx:
        return Onnx(ModelStore(str(self.out / "models"), None).fetch(name, "1"), threads=1)

    def card(self, name: str) -> str:
        return (self.out / "models" / name / "1" / "MODEL_CARD.md").read_text()

    def epochs(self, run: str) -> list[str]:
        return (self.out / run / "history.csv").read_text().splitlines()[1:]


def test_a_stopped_call_goes_on_to_all_that_can_be_asked_for(tmp_path: Path) -> None:
    everything = {"EVERYONE": "1", "AMOUNTS": "1", "SEED_CNN": "1", "KEYWORDS": "yes,no", "NAME": "tones"}
    few = {"TEACHERS": "resnet", "TEACHER_EPOCHS": "1", "EPOCHS": "4"}
    recipe = Recipe(tmp_path, SPEECH=str(tmp_path / "speech"), **everything, **few)
    write_words(recipe.data, "yes", "no", "happy")
    write_noise(recipe.data)
    write_read_speech(recipe.speech)

    recipe.stop_when("judged/history.csv")
    done = recipe.epochs("judged")
    before = {path: path.stat().st_mtime_ns for path in (recipe.out / "prepared").glob("*.csv")}
    assert len(done) < 4
    recipe.run()

    assert recipe.epochs("judged")[: len(done)] == done
    assert [len(recipe.epochs(run)) for run in ("resnet", "judged", "everyone")] == [1, 4, 3]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    model = recipe.model("tones")
    assert model.labels == ("yes", "no", "unknown", "silence")
    scores = model.hear(np.zeros((1, *model.features.shape), np.float32)).scores
    assert scores.sum() == pytest.approx(1, abs=1e-3)
    card = recipe.card("tones")
    assert all(
        row in card for row in ("its teacher resnet |", "the seed's CNN", "| unseen speakers | 0.00 |", "| 1.0 |")
    )
    assert "part of Speech Commands" not in card
    assert json.loads((recipe.out / "seed" / "labels.json").read_text())["mapping"] == list(model.labels)


def test_a_folder_of_a_few_words_is_enough(tmp_path: Path) -> None:
    recipe = Recipe(tmp_path, TEACHERS="", EPOCHS="1", NAME="home")
    write_words(recipe.data, "yes", "no")
    recipe.run()
    assert recipe.model("home").labels == ("no", "yes", "unknown", "silence")
    card = recipe.card("home")
    assert "No speech without commands was at hand" in card
    manifest = json.loads((recipe.out / "models" / "home" / "1" / "manifest.json").read_text())
    assert "false_accepts_per_hour" not in manifest["metrics"]


def test_too_few_speakers_are_told_in_a_line(tmp_path: Path) -> None:
    recipe = Recipe(tmp_path, TEACHERS="", EPOCHS="1", KEYWORDS="yes,no")
    write_words(recipe.data, "yes", "no")
    for number, file in enumerate(sorted(recipe.data.rglob("*.wav"))):
        file.rename(file.with_name(f"me_nohash_{number}.wav"))
    with recipe.start() as process:
        said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode
    assert "error: no " in said.splitlines()[-1]
    assert "Traceback" not in said
