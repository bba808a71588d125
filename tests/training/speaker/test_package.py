"""A trained run becomes a model folder, with figures that are its own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

keras = pytest.importorskip("keras")
pytest.importorskip("tf2onnx")

from services.speaker.engines.onnx import Onnx  # noqa: E402
from shared.store import LocalModel  # noqa: E402
from shared.store.manifest import parse_manifest  # noqa: E402
from tests.training.speaker.prepared import write_prepared  # noqa: E402
from tests.training.speaker.test_train import SETTINGS  # noqa: E402
from training.speaker.linear import linear_years  # noqa: E402
from training.speaker.package import Beside, package  # noqa: E402
from training.speaker.runs import open_run  # noqa: E402
from training.speaker.train import train  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def noises(folder: Path) -> Path:
    """Write a recording of noise, twelve seconds of it."""
    folder.mkdir()
    noise = np.random.default_rng(0).normal(0, 0.05, 12 * 16_000).astype(np.float32)
    soundfile.write(folder / "noise.flac", noise, 16_000)
    return folder


@pytest.mark.parametrize("task", ["gender", "age"])
def test_a_model_folder(tmp_path: Path, task: str) -> None:
    prepared = write_prepared(tmp_path / "prepared")
    run = open_run(tmp_path / "run", prepared, replace(SETTINGS, task=task, epochs=2))
    train(run)
    folder = tmp_path / "models" / task / "1"
    beside = Beside(run if task == "gender" else None, noises(tmp_path / "noises"))
    metrics = package(run, run, folder, beside)
    assert metrics["recorded"]["sounds"] == 2
    manifest = parse_manifest((folder / "manifest.json").read_bytes(), task, "1")
    assert manifest.task == f"speaker-{task}"
    told = json.loads((folder / "manifest.json").read_text())
    assert told["parameters"]["window_frames"] == SETTINGS.mixture.window_frames
    assert [(data["name"], data["licence"]) for data in told["training_data"]] == [("one", "CC0-1.0")]
    assert set(metrics["as it is"]["by_data_set"]) == {"one", "two"}
    assert not manifest.noncommercial
    assert Onnx(f"speaker-{task}", LocalModel(folder, manifest), 1).cut.window_frames == SETTINGS.mixture.window_frames
    assert (folder / "judged.png").stat().st_size > 10_000
    card = (folder / "MODEL_CARD.md").read_text()
    assert (
        f"| two | {metrics['as it is']['by_data_set']['two']['recall' if task == 'gender' else 'error_years']:.3f}"
        in card
    )


def test_a_linear_model_finds_what_is_linear() -> None:
    rng = np.random.default_rng(0)
    known, asked = rng.normal(0, 1, (2_000, 5)), rng.normal(0, 1, (50, 5))
    weights = np.array([3.0, 0, -2, 0, 5])
    assert linear_years(known, known @ weights + 45, asked) == pytest.approx(asked @ weights + 45, abs=1.5)
