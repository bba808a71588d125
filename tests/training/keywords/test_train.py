"""From prepared clips to a model that the service opens; a stopped run goes on as if it had not been."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("tf2onnx")

from services.keywords.engines.onnx import Onnx  # noqa: E402
from tests.training.keywords.prepared import write_prepared  # noqa: E402
from training.keywords.batches import Epoch, Mixture, Teaching  # noqa: E402
from training.keywords.evaluate import open_model  # noqa: E402
from training.keywords.network import NETWORKS, TEACHERS  # noqa: E402
from training.keywords.package import package  # noqa: E402
from training.keywords.powers import pictures_of  # noqa: E402
from training.keywords.runs import Settings, open_run  # noqa: E402
from training.keywords.teach import opinion_of  # noqa: E402
from training.keywords.train import _augmenter, _material, train  # noqa: E402
from training.shared.history import read_history  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
SETTINGS = Settings(keywords=("yes", "no"), epochs=25, mixture=Mixture(batch_rows=16, mixing=0.0))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    write_prepared(folder, [("train", 16), ("validation", 6), ("test", 6)])
    return folder


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_tell_an_embedding_and_those_served_are_small(name: str) -> None:
    network = NETWORKS[name]((98, 40), 37, np.zeros(40, np.float32), np.ones(40, np.float32))
    assert network.count_params() < 100_000 or name in TEACHERS
    assert network.get_layer("embedding").output.shape[1] >= 64
    assert network(np.zeros((2, 98, 40), np.float32)).shape == (2, 37)


def test_batches_are_the_same_for_the_same_seed_and_differ_between_epochs(prepared: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path, prepared, SETTINGS)
    material = _material(run)
    first, again, other = (Epoch(material, SETTINGS.mixture, _augmenter(run), (1, epoch)) for epoch in (0, 0, 1))
    assert np.array_equal(first[0][0], again[0][0])
    assert not np.array_equal(first[0][0], other[0][0])
    assert first[0][1].sum(axis=1) == pytest.approx(1)


def test_a_trained_model_is_opened_by_the_service_and_knows_its_words(prepared: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", prepared, SETTINGS)
    train(run)
    metrics = package(run, run, tmp_path / "tones" / "1", [])
    engine = open_model(tmp_path / "tones" / "1")
    assert isinstance(engine, Onnx)
    assert engine.labels == ("yes", "no", "unknown", "silence")
    assert metrics["clips"]["test"]["accuracy"] > 0.7
    assert metrics["stream"]["all"]["hours"] > 0
    rows = [row for row in run.prepared.rows("test") if run.prepared.words[row] == "no"]
    heard = engine.hear(pictures_of(run.prepared.clips[rows], run.features))
    assert np.mean(heard.scores.argmax(axis=1) == engine.labels.index("no")) > 0.5
    assert heard.embeddings.shape[1] == np.load(tmp_path / "tones" / "1" / "negatives.npy").shape[1]


def test_a_stopped_run_goes_on(prepared: Path, tmp_path: Path) -> None:
    whole = open_run(tmp_path / "whole", prepared, replace(SETTINGS, epochs=2))
    train(whole)
    broken = open_run(tmp_path / "broken", prepared, replace(SETTINGS, epochs=2))
    train(replace(broken, settings=replace(broken.settings, epochs=1)))
    (tmp_path / "broken" / "model.keras").unlink()
    train(open_run(tmp_path / "broken", prepared, Settings()))
    assert json.loads((tmp_path / "broken" / "settings.json").read_text())["epochs"] == 2
    assert [row["epoch"] for row in read_history(broken.folder)] == [1, 2]


def test_a_network_learns_from_others(prepared: Path, tmp_path: Path) -> None:
    teachers = [open_run(tmp_path / name, prepared, replace(SETTINGS, epochs=2)) for name in ("one", "two")]
    for teacher in teachers:
        train(teacher)
    folders = tuple(str(teacher.folder) for teacher in teachers)
    pictures = pictures_of(teachers[0].prepared.clips[:4], teachers[0].features)
    opinion = opinion_of([teacher.folder for teacher in teachers])(pictures)
    assert opinion.sum(axis=1) == pytest.approx(1, abs=1e-5)
    taught = open_run(tmp_path / "taught", prepared, replace(SETTINGS, epochs=1, teachers=folders, taught_share=1.0))
    train(taught)
    assert open_run(taught.folder, prepared, Settings()).settings.teachers == folders
    targets = np.eye(opinion.shape[1], dtype=np.float32)[np.zeros(4, int)]
    half = Teaching(lambda _: opinion, 0.5)(pictures, targets)
    assert half == pytest.approx((opinion + targets) / 2)
