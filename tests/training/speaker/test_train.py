"""A network learns voices from prepared frames; a stopped run goes on as if it had not been."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("tf2onnx")

from services.speaker.features import VoiceFeatures  # noqa: E402
from tests.training.speaker.prepared import write_prepared  # noqa: E402
from training.shared.history import read_history  # noqa: E402
from training.speaker.batches import Epoch, Mixture  # noqa: E402
from training.speaker.export import export, exported, trained  # noqa: E402
from training.speaker.judging import hear  # noqa: E402
from training.speaker.network import VoiceNetwork  # noqa: E402
from training.speaker.pieces import MADE  # noqa: E402
from training.speaker.prepared import Prepared, read_prepared  # noqa: E402
from training.speaker.runs import Run, Settings, open_run  # noqa: E402
from training.speaker.targets import YEARS, ages, is_female  # noqa: E402
from training.speaker.train import train  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
SETTINGS = Settings(epochs=6, steps=20, width=16, data_sets=("one",), mixture=Mixture(batch_rows=24, window_frames=80))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Prepared:
    return read_prepared(folder)


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has learned."""
    run = open_run(tmp_path_factory.mktemp("run"), folder, SETTINGS)
    train(run)
    return run


def test_the_network_is_small_and_says_all_of_its_outputs() -> None:
    network = VoiceNetwork()(160, np.zeros(112, np.float32), np.ones(112, np.float32))
    assert network.count_params() < 160_000
    said = network(np.zeros((2, 160, 112), np.float32))
    shapes = {name: tuple(each.shape) for name, each in said.items()}
    years = (2, len(YEARS))
    assert shapes == {"gender": (2, 1), "age": years, "years": (2, 1), "several": (2, 1), "speech": (2, 80)}


def test_batches_are_the_same_for_the_same_seed_and_hold_as_many_women_as_men(folder: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path, folder, SETTINGS)
    material = run.material()
    first, again, other = (Epoch(material, SETTINGS.mixture, 3, (1, epoch)) for epoch in (0, 0, 1))
    assert np.array_equal(first[0][0], again[0][0])
    assert not np.array_equal(first[0][0], other[0][0])
    female = np.concatenate([first[n][1]["gender"][first[n][2]["gender"] > 0] for n in range(3)])
    assert 0.3 < female.mean() < 0.7
    _, targets, weights = first[0]
    made = weights["several"] == 0
    assert made.sum() == 2
    assert not targets["speech"][made].any()
    assert not weights["gender"][targets["several"][:, 0] > 0].any()


def test_voices_are_shifted_in_pitch_and_keep_their_bands(folder: Path, tmp_path: Path) -> None:
    material = open_run(tmp_path, folder, SETTINGS).material()
    plain = replace(SETTINGS.mixture, loudness_deviations=0.0, masked_bins=0)
    (level, *_), (shifted, *_) = (Epoch(material, replace(plain, pitch_bins=bins), 1, (1, 0))[0] for bins in (0, 4))
    bands = VoiceFeatures().bands
    assert np.array_equal(level[:, :, :bands], shifted[:, :, :bands])
    moved = [
        by
        for one, other in zip(level[:, :, bands:], shifted[:, :, bands:], strict=True)
        for by in range(-4, 5)
        if np.array_equal(other[:, 4 + by : -4 + by or None], one[:, 4:-4])
    ]
    assert len(moved) == len(level)
    assert min(moved) < 0 < max(moved)


def test_nobody_of_validation_or_test_is_learned_from(folder: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "speakers", folder, SETTINGS)
    words = run.prepared.words
    speakers = {split: set(words["speaker"][run.voices(split)]) for split in ("train", "validation", "test")}
    assert not speakers["train"] & (speakers["validation"] | speakers["test"])
    assert {name for name in speakers["test"] if name.startswith("two")} == set(
        words["speaker"][(words["data_set"] == "two")]
    )
    leaky = open_run(tmp_path / "clips", folder, replace(SETTINGS, leaky=True))
    assert set(words["speaker"][leaky.voices("train")]) & set(words["speaker"][leaky.voices("test")])


def test_targets_of_ages(prepared: Prepared) -> None:
    rows = prepared.rows("voice")[:8]
    likely = ages(prepared, rows)
    assert likely.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert likely @ YEARS == pytest.approx(prepared.age_years[rows], abs=2.5)
    only_group = replace(prepared, age_years=np.full_like(prepared.age_years, np.nan))
    spread = ages(only_group, rows) @ YEARS
    assert np.abs(spread - prepared.age_years[rows]).max() <= 6
    assert not ages(prepared, prepared.rows(MADE)).any()


def test_the_weights_are_there_as_hdf5_too(run: Run) -> None:
    network = keras.saving.load_model(run.folder / "model.keras")
    same = keras.models.clone_model(network)
    same.load_weights(run.folder / "model.weights.h5")
    frames = np.random.default_rng(0).normal(size=(2, 80, 112)).astype(np.float32)
    np.testing.assert_allclose(same(frames)["gender"], network(frames)["gender"], atol=1e-5)


def test_women_are_told_from_men_whom_nobody_has_heard(run: Run) -> None:
    rows = run.voices("test")
    network = trained(keras.saving.load_model(run.folder / "model.keras"), "gender")
    heard = hear(network, (run.prepared.piece(int(row))[0] for row in rows), 80)
    truth = is_female(run.prepared, rows)
    said = [each.speech_seconds and each.mean(each.voice) > 0 for each in heard]
    assert np.mean(said == (truth > 0.5)) > 0.9
    made = hear(network, (run.prepared.piece(int(row))[0] for row in run.prepared.rows(MADE, "test")), 80)
    made_seconds, heard_seconds = ([each.speech_seconds for each in kind] for kind in (made, heard))
    assert np.median(made_seconds) < np.median(heard_seconds) / 2


@pytest.mark.parametrize("task", ["gender", "age"])
def test_the_graph_says_what_the_network_says(run: Run, tmp_path: Path, task: str) -> None:
    network = keras.saving.load_model(run.folder / "model.keras")
    export(network, task, tmp_path / "model.onnx")
    pieces = [run.prepared.piece(int(row))[0] for row in run.voices("test")[:5]]
    ours, theirs = hear(trained(network, task), pieces, 80), hear(exported(tmp_path / "model.onnx", task), pieces, 80)
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(other.voice, own.voice, atol=1e-4)
        assert own.voice.shape[1:] == (() if task == "gender" else (len(YEARS),))


def test_a_stopped_run_goes_on(folder: Path, tmp_path: Path) -> None:
    short = replace(SETTINGS, epochs=2, steps=2, task="age")
    run = open_run(tmp_path, folder, short)
    train(replace(run, settings=replace(short, epochs=1)))
    (tmp_path / "model.keras").unlink()
    train(open_run(tmp_path, folder, Settings()))
    assert json.loads((tmp_path / "settings.json").read_text())["epochs"] == 2
    assert [row["epoch"] for row in read_history(tmp_path)] == [1, 2]
