import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.services.tts.voice_model import facts, world_bytes
from tests.training.voices.listener.made_speech import write_actors
from training.voices.listener.__main__ import main
from training.voices.listener.figures import Paired

TEXTS = ("bad cafe head", "a deaf cab had fed", "face the egg", "dead beef bag")


def test_pairs_are_compared_exactly() -> None:
    assert Paired(5, 0).p == pytest.approx(2 / 2**5)
    assert Paired(3, 3).p == 1.0
    assert Paired(0, 0).p == 1.0


def voice(folder: Path, emotions: Sequence[str]) -> Path:
    """Write a voice that speaks half as high again in its second emotion."""
    folder.mkdir()
    (folder / "model.onnx").write_bytes(world_bytes())
    (folder / "facts.json").write_text(json.dumps({**facts("world"), "emotions": emotions}))
    return folder


def test_a_voice_is_heard_in_the_emotion_that_it_was_trained_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    actors, others = write_actors(tmp_path / "actors"), write_actors(tmp_path / "others", actors=1)
    alice = voice(tmp_path / "alice", ["neutral", "angry"])
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(TEXTS))
    told = ["judge", "--train", actors, "--real", others, "--voice", alice, "slt", "--texts", texts]
    status = main([*map(str, told), "--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out")])
    assert status == 0
    figures = json.loads((tmp_path / "out" / "listener.json").read_text())
    assert figures["emotions"] == ["neutral", "angry", "sad"]
    assert figures["speakers"] == 3
    assert figures["real"]["mean"] > 0.9
    own, built_in = figures["voices"][str(alice)], figures["voices"]["slt"]
    assert own["sentences"] == len(TEXTS)
    assert own["ways"]["trained"]["right"] == {"angry": 1.0}
    assert own["ways"]["plain"]["right"]["angry"] < 0.5
    assert set(own["ways"]["styled"]["right"]) == {"angry", "sad"}
    assert list(own["compared"]) == ["styled over plain", "trained over styled"]
    assert list(built_in["ways"]) == ["plain", "styled"]
    assert (tmp_path / "out" / "listener.png").stat().st_size > 10_000
    assert "4 sentences" in capsys.readouterr().out


def test_training_prints_how_well_unheard_actors_are_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    actors = write_actors(tmp_path / "actors")
    assert main(["train", str(actors), "--cache", str(tmp_path / "cache")]) == 0
    printed = capsys.readouterr().out
    assert printed.count("<- chosen") == 1
    assert "sad" in printed


def test_a_voice_that_is_not_there_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actors = write_actors(tmp_path / "actors", actors=2)
    told = ["judge", "--train", actors, "--real", actors, "--voice", "nobody", "--cache", tmp_path / "cache"]
    assert main([*map(str, told)]) == 1
    assert "nobody is neither" in capsys.readouterr().err


def test_a_voice_without_neutral_speech_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actors = write_actors(tmp_path / "actors", actors=2)
    folder = voice(tmp_path / "alice", ["angry", "sad"])
    told = ["judge", "--train", actors, "--real", actors, "--voice", folder, "--cache", tmp_path / "cache"]
    assert main([*map(str, told)]) == 1
    assert "no neutral speech" in capsys.readouterr().err
