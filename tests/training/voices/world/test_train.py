"""A real training, tiny: prepared, killed, gone on with, learned on top of, exported, and spoken by the service."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from services.tts.engines.world import World
from services.tts.front_end import FrontEnd, id_sequences, sounds_of_all, spoken_words
from services.tts.network import Manner
from shared.store import LocalModel
from shared.store.manifest import FileEntry, Manifest
from tests.training.voices.spoken_corpus import speak_corpus
from training.voices.history import read_history
from training.voices.prepared import INDEX, read_prepared
from training.voices.preparing import Wish
from training.voices.runs import BEST, STATE, load
from training.voices.world.export import export
from training.voices.world.material import DURATIONS, FRAMES, Material
from training.voices.world.prepare import prepare

SMALL = ("--width", "24", "--symbol-blocks", "1", "--frame-blocks", "1", "--batch", "4")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speak_corpus(tmp_path_factory.mktemp("corpus"), minutes=0.8)


@pytest.fixture(scope="module")
def prepared(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(Wish(str(corpus), folder, "en-us", None, processes=1))
    return folder


@pytest.fixture(scope="module")
def run(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that was killed in its third epoch, and went on."""
    folder = tmp_path_factory.mktemp("run")
    with started(prepared, folder, "--epochs", "4", *SMALL) as training:
        for _ in range(2):
            assert training.stdout
            training.stdout.readline()
        os.kill(training.pid, signal.SIGKILL)
    assert 2 <= load(folder / STATE)["epoch"] < 4
    with started(prepared, folder, "--epochs", "9") as training:
        said, _ = training.communicate()
    assert training.returncode == 0, said
    return folder


def started(prepared: Path, run: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "training.voices.world.train", str(prepared), str(run), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_prepared_sounds_go_with_their_symbols(prepared: Path) -> None:
    material = read_prepared(prepared, Material)
    assert material.sample_rate_hz == 16_000
    assert len(material.of("evaluation")) == 2
    assert len(material.recordings) > 12
    for recording in material.recordings:
        durations = material.durations[recording.file]
        assert len(durations) == len(recording.ids)
        assert durations.sum() == len(material.frames(recording).f0_hz)


def test_preparing_goes_on_where_it_was_stopped(corpus: Path, prepared: Path, tmp_path: Path) -> None:
    prepare(Wish(str(corpus), tmp_path, "en-us", None, processes=1))
    frames = sorted((tmp_path / FRAMES).iterdir())
    frames[0].unlink()
    (tmp_path / INDEX).unlink()
    (tmp_path / DURATIONS).unlink()
    kept = frames[1].stat().st_mtime_ns
    prepare(Wish(str(corpus), tmp_path, "en-us", None, processes=1))
    assert frames[1].stat().st_mtime_ns == kept
    assert (tmp_path / INDEX).read_bytes() == (prepared / INDEX).read_bytes()
    found, expected = read_prepared(tmp_path, Material).durations, read_prepared(prepared, Material).durations
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_a_killed_training_goes_on(run: Path) -> None:
    rows = read_history(run)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]  # the settings it was begun with hold
    assert load(run / STATE)["epoch"] == 4
    assert rows[-1]["total"] < rows[0]["total"]
    assert not list(run.glob("unfinished.*"))
    assert list((run / "tensorboard").iterdir())


def test_the_best_is_kept(run: Path) -> None:
    totals = {row["epoch"]: row["total"] for row in read_history(run)}
    assert totals[load(run / BEST)["epoch"]] == min(totals.values())


def test_a_voice_learns_on_top_of_another(corpus: Path, run: Path, tmp_path: Path) -> None:
    emotional = tmp_path / "emotional"
    lines = (corpus / "metadata.csv").read_text().splitlines()
    for emotion, own in (("neutral", lines[:6]), ("angry", lines[6:12])):
        (emotional / emotion).mkdir(parents=True)
        shutil.copytree(corpus / "wavs", emotional / emotion / "wavs")
        (emotional / emotion / "metadata.csv").write_text("\n".join(own))
    material = prepare(Wish(str(emotional), tmp_path / "prepared", "en-us", None, processes=1))
    assert material.styles == ("neutral", "angry")
    with started(tmp_path / "prepared", tmp_path / "run", "--base", str(run), "--epochs", "1", *SMALL) as training:
        said, _ = training.communicate()
    assert training.returncode == 0, said
    assert read_history(tmp_path / "run")[0]["total"] < read_history(run)[0]["total"]
    assert load(tmp_path / "run" / BEST)["network"]["styles.weight"].shape[0] == 2


@pytest.mark.heavy
def test_the_service_speaks_with_it(prepared: Path, run: Path, tmp_path: Path) -> None:
    export(run, prepared, tmp_path)  # refuses where onnxruntime says other than torch
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["emotions"] == ["neutral"]
    network = World(local_model(tmp_path, facts), threads=1)
    front_end = FrontEnd.model_validate(facts["parameters"]["front_end"])
    words = spoken_words("The doctor found 2 boats.", front_end.language)
    (sequence,) = id_sequences(front_end, words, sounds_of_all([words], front_end)[0])
    usual, quick = (network.speak(sequence.ids, Manner(rate=rate)) for rate in (1.0, 2.0))
    assert 0.5 < len(usual.samples) / 16_000 < 10
    assert len(quick.samples) / len(usual.samples) == pytest.approx(0.5, abs=0.03)
    assert usual.seconds_of_ids is not None
    assert usual.seconds_of_ids.sum() == pytest.approx(len(usual.samples) / 16_000, abs=0.02)
    assert 0.005 < np.sqrt(np.mean(usual.samples**2)) < 0.3


def local_model(folder: Path, facts: dict[str, object]) -> LocalModel:
    manifest = Manifest.model_validate(
        {
            "name": "voice",
            "version": "1",
            "task": "speech-synthesis",
            "licence": "CC0",
            "files": {"model.onnx": FileEntry(sha256="0" * 64, size_bytes=(folder / "model.onnx").stat().st_size)},
            **{name: facts[name] for name in ("engine", "sample_rate_hz", "languages", "parameters")},
        }
    )
    return LocalModel(folder, manifest)


class Hostile:
    """Would be called by whoever opens it without care."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("/tmp/opened-a-hostile-state",)


def test_a_state_is_never_code(tmp_path: Path) -> None:
    torch.save({"epoch": Hostile()}, tmp_path / STATE)
    with pytest.raises(pickle.UnpicklingError):
        load(tmp_path / STATE)
    assert not Path("/tmp/opened-a-hostile-state").exists()
