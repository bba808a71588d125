"""A small VITS learns from recordings; a run that is killed goes on as if it had not been."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")
pytest.importorskip("TTS")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

from tests.started import ROOT, patiently  # noqa: E402
from tests.training.voices.vits.conftest import SMALL, Run, environment  # noqa: E402
from training.voices.history import read_history  # noqa: E402
from training.voices.prepared import Prepared, read_prepared  # noqa: E402
from training.voices.runs import BEST, STATE, load  # noqa: E402
from training.voices.vits.distributed import joined  # noqa: E402
from training.voices.vits.learning import Learning  # noqa: E402
from training.voices.vits.settings import Settings  # noqa: E402

pytestmark = pytest.mark.timeout(3000)
STEPS = 8


def started(prepared: Path, run: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "training.voices.vits.train", prepared, run, *SMALL, "--epochs", "2", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL)


def step_of(run: Path) -> int:
    return int(load(run / STATE)["step"]) if (run / STATE).exists() else 0


def test_a_run_can_be_watched_and_heard(run: Path) -> None:
    rows = read_history(run)
    assert [(row["epoch"], row["steps"]) for row in rows] == [(1, 4), (2, 8)]
    assert rows[1]["mel"] < rows[0]["mel"]
    for emotion in ("neutral", "angry"):
        sound, rate_hz = soundfile.read(run / "samples" / f"epoch-0002-{emotion}.ogg")
        assert (rate_hz, np.isfinite(sound).all(), len(sound) > 1000) == (16_000, True, True)
    shown = EventAccumulator(str(run / "tensorboard"), size_guidance={"images": 0, "audio": 0}).Reload().Tags()
    assert {"TrainIterStats/loss_mel", "EvalStats/avg_loss_mel"} <= set(shown["scalars"])
    assert any("alignment" in name for name in shown["images"])
    assert any("spectrogram" in name or "speech" in name for name in shown["images"])
    assert any("angry" in name for name in shown["audio"])


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_weights(
    prepared: Path, run: Path, tmp_path: Path
) -> None:
    steps = []
    for _ in range(2):
        known = step_of(tmp_path)
        process = started(prepared, tmp_path, "--save-minutes", "0")
        assert any(step_of(tmp_path) >= known + 2 or process.poll() is not None for _ in patiently(1200))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        steps.append(step_of(tmp_path))
    assert 2 <= steps[0] < steps[1] < STEPS
    assert started(prepared, tmp_path).wait() == 0
    ours, theirs = load(tmp_path / STATE), load(run / STATE)
    assert ours["step"] == theirs["step"] == STEPS
    for name, value in theirs["network"].items():
        torch.testing.assert_close(ours["network"][name], value, rtol=0, atol=0, msg=name)
    assert [row["epoch"] for row in read_history(tmp_path)] == [1, 2]
    assert read_history(tmp_path)[1]["mel"] == read_history(run)[1]["mel"]


def test_a_run_that_ended_goes_on_if_more_epochs_are_wanted(prepared: Path, tmp_path: Path, run_module: Run) -> None:
    for epochs, steps in ((1, 4), (1, 4), (2, 8)):
        assert run_module("train", prepared, tmp_path, *SMALL, "--epochs", epochs).returncode == 0
        assert step_of(tmp_path) == steps
    assert len(read_history(tmp_path)) == 2


def test_a_voice_is_learned_on_top_of_another(prepared: Path, run: Path, tmp_path: Path, run_module: Run) -> None:
    done = run_module("train", prepared, tmp_path, *SMALL, "--epochs", 1, "--base", run, "--rate", 1e-9)
    assert done.returncode == 0, done.stderr
    base, voice = (load(folder / BEST)["network"] for folder in (run, tmp_path))
    torch.testing.assert_close(voice["text_encoder.emb.weight"], base["text_encoder.emb.weight"], rtol=0, atol=1e-6)
    usual, angry = voice["emb_g.weight"]
    torch.testing.assert_close(usual, base["emb_g.weight"][0], rtol=0, atol=1e-6)
    torch.testing.assert_close(angry, base["emb_g.weight"][0], rtol=0, atol=1e-6)


def test_a_base_of_another_size_is_refused(prepared: Path, run: Path, tmp_path: Path, run_module: Run) -> None:
    done = run_module("train", prepared, tmp_path, *SMALL, "--size", "standard", "--base", run)
    assert done.returncode == 1
    assert "The base is a small network" in done.stderr
    assert "Traceback" not in done.stderr


def learn(rank: int, prepared: Path, run: Path) -> None:
    os.environ |= {"RANK": str(rank), "CUDA_VISIBLE_DEVICES": "0,1"}
    place = joined(rank, "test", run)
    learning = Learning(
        run, read_prepared(prepared, Prepared), Settings(size="small", batch=2, steps=2, epochs=1), place
    )
    learning.learn()
    torch.save(learning.model.state_dict(), run / f"{rank}.pt")


def test_processes_that_learn_from_other_recordings_end_with_the_same_weights(prepared: Path, tmp_path: Path) -> None:
    torch.multiprocessing.spawn(learn, (prepared, tmp_path), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=0, atol=1e-6, msg=name)
    assert step_of(tmp_path) == 2


def test_coquis_launcher_starts_a_process_for_each_gpu(prepared: Path, tmp_path: Path) -> None:
    """Without GPUs its processes share the CPU."""
    python = Path(sys.executable).parent
    told = environment() | {"PATH": f"{python}:{os.environ['PATH']}", "PYTHONSAFEPATH": "1"}
    told.pop("CUDA_VISIBLE_DEVICES", None)
    launch = [sys.executable, "-m", "trainer.distribute", "--gpus", "0,1", "--script", "training/voices/vits/train.py"]
    command = [*launch, prepared, tmp_path, *SMALL, "--epochs", "1"]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=1500)
    assert step_of(tmp_path) == 4, done.stderr
    assert len(read_history(tmp_path)) == 1
    assert done.stdout.count("epoch 1") == 1
