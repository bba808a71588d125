"""`./timbre voice`: what is in the store, what comes into it, what leaves it, and what the recipe is called with."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shared.store import ModelStore
from tests.services.tts.voice_model import vits_bytes
from tests.shared.store.onnx_models import external, model, tensor
from tests.started import ROOT
from tests.training.voices.made_network import write_network
from tests.training.voices.test_terms import STATEMENT

TERMS = ("--name", "alice", "--speaker-name", "Alice", "--consent", STATEMENT)
CONFIG: dict[str, Any] = {
    "audio": {"sample_rate": 16_000},
    "espeak": {"voice": "en-us"},
    "language": {"code": "en_US"},
    "phoneme_id_map": {"_": [0], "^": [1], "$": [2], " ": [3], "a": [4]},
}


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


class Shell:
    """Calls the command on a store in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = ModelStore(str(folder / "models"), folder / "cache")

    def __call__(self, *arguments: str, **environment: str) -> Said:
        command = [sys.executable, "-m", "training.voices", *arguments]
        own = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TIMBRE_MODELS": str(self.folder / "models")}
        ended = subprocess.run(
            command, cwd=self.folder, env=own | environment, capture_output=True, text=True, timeout=60
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return Said(ended.returncode, ended.stdout, ended.stderr)

    def import_piper(self, *options: str, network: bytes | None = None, **config: Any) -> Said:
        """Write a Piper voice, and bring it in."""
        (self.folder / "a.onnx").write_bytes(vits_bytes(speakers=True) if network is None else network)
        (self.folder / "a.onnx.json").write_text(json.dumps({**CONFIG, **config}))
        return self("import", "a.onnx", "a.onnx.json", *TERMS, *options)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


class TestImport:
    def test_of_one_speaker(self, shell: Shell) -> None:
        assert shell.import_piper("--gender", "female", "--licence", "MIT") == (0, "REGISTERED  alice  1\n", "")
        told = shell.store.fetch("alice").manifest
        assert (told.engine, told.languages, told.licence, told.sample_rate_hz) == ("piper", ["en-us"], "MIT", 16_000)
        assert [(way.voice, way.emotion, way.speaker) for way in told.voices] == [("alice", None, None)]
        assert told.parameters["gender"] == "female"
        assert told.consent
        assert told.consent.basis == STATEMENT
        assert shell.store.version_in_use("alice") == "1"

    def test_of_speakers_that_are_emotions(self, shell: Shell) -> None:
        speakers = {"neutral": 1, "anger": 0, "amused": 2}
        assert shell.import_piper(num_speakers=3, speaker_id_map=speakers).status == 0
        ways = shell.store.manifest("alice").voices
        assert [(way.emotion, way.speaker) for way in ways] == [(None, 1), ("angry", 0), ("happy", 2)]

    def test_of_one_of_many_speakers(self, shell: Shell) -> None:
        many = {"num_speakers": 3, "speaker_id_map": {"p1": 0, "p2": 1, "p3": 2}}
        refused = shell.import_piper(**many)
        assert (refused.status, "choose one with --speaker: 'p1', 'p2', 'p3'" in refused.err) == (1, True)
        assert "There is no such speaker" in shell.import_piper("--speaker", "p9", **many).err
        assert shell.import_piper("--speaker", "p3", **many).status == 0
        assert [way.speaker for way in shell.store.manifest("alice").voices] == [2]

    def test_is_refused_without_consent(self, shell: Shell) -> None:
        shell.import_piper()
        said = shell("import", "a.onnx", "a.onnx.json", "--name", "bob", "--speaker-name", "Bob")
        assert (said.status, "needs the consent of its speaker" in said.err) == (1, True)
        assert [each.name for each in shell.store.list()] == ["alice"]

    @pytest.mark.parametrize(
        ("network", "config", "words"),
        [
            (model(tensor(external("/etc/passwd"))), {}, "external"),
            (b"\x80\x04pickle", {}, "malformed"),
            (None, {"audio": {}}, "no configuration of a Piper voice"),
            (None, {"phoneme_id_map": []}, "no configuration of a Piper voice"),
        ],
    )
    def test_of_what_is_no_voice(self, shell: Shell, network: bytes | None, config: dict[str, Any], words: str) -> None:
        said = shell.import_piper(network=network, **config)
        assert (said.status, words in said.err) == (1, True), said
        assert not shell.store.list()

    def test_of_files_that_are_not_there(self, shell: Shell) -> None:
        said = shell("import", "no.onnx", "no.onnx.json", *TERMS)
        assert (said.status, "cannot be read" in said.err) == (1, True)


class TestList:
    def test_of_none(self, shell: Shell) -> None:
        (shell.folder / "models").mkdir()
        assert "no voices of your own yet" in shell("list").out

    def test_tells_whose_they_are(self, shell: Shell) -> None:
        shell.import_piper("--consent-date", "2026-01-31")
        network = write_network(shell.folder / "other")
        shell.store.publish(network, "ages", "1", {"task": "speaker-age", "engine": "onnx", "licence": "MIT"})
        header, *rows = shell("list").out.splitlines()
        assert header.split()[:2] == ["VOICE", "VERSION"]
        assert [row.split() for row in rows] == [["alice", "1", "piper", "en-us", "-", "Alice", "2026-01-31", "-"]]


class TestRemove:
    def test_of_a_voice_leaves_nothing_of_it(self, shell: Shell) -> None:
        shell.import_piper()
        shell.import_piper("--licence", "MIT")
        assert shell("remove", "alice") == (0, "REMOVED  alice  1, 2\n", "")
        assert not [path for path in (shell.folder / "models").rglob("*") if path.is_file()]
        assert shell("remove", "alice").status == 1

    def test_of_a_version_that_is_not_in_use(self, shell: Shell) -> None:
        shell.import_piper()
        shell.import_piper("--licence", "MIT")
        assert "is in use" in shell("remove", "alice", "2").err
        assert "no version" in shell("remove", "alice", "3").err
        assert shell("remove", "alice", "1").status == 0
        assert [each.versions for each in shell.store.list()] == [("2",)]

    def test_of_what_is_no_voice_is_refused(self, shell: Shell) -> None:
        network = write_network(shell.folder / "other")
        shell.store.publish(network, "ages", "1", {"task": "speaker-age", "engine": "onnx", "licence": "MIT"})
        assert "is no voice; it stays" in shell("remove", "ages").err
        assert shell.store.fetch("ages")


class TestTrain:
    @pytest.fixture
    def python(self, tmp_path: Path) -> str:
        """What stands for the Python with the packages: it says what the first step is asked for, and fails."""
        path = tmp_path / "python"
        path.write_text('#!/bin/sh\nprintf "%s\\n" "$@"; echo "$NETWORK $EPOCHS $MODELS $BASE"; exit 3\n')
        path.chmod(0o755)
        return str(path)

    def test_calls_the_recipe_with_what_is_wanted(self, shell: Shell, python: str) -> None:
        options = ("--epochs", "3", "--network", "vits", "--out", "out", "--consent-file", "consent.txt", "--base", "b")
        said = shell("train", "s3://bucket/alice", "--name", "alice", *options, PYTHON=python, SPEAKER="Alice")
        assert said.status == 3
        words = said.out.splitlines()
        assert words[:3] == ["== terms", "-m", "training.voices.terms"]
        asked = dict(zip(words[4::2], words[5::2], strict=False))
        assert (asked["--name"], asked["--speaker-name"], asked["--recordings"]) == (
            "alice",
            "Alice",
            "s3://bucket/alice",
        )
        assert asked["--consent-file"] == str(shell.folder / "consent.txt")
        assert words[-1] == f"vits 3 {shell.folder}/models {shell.folder}/b"

    def test_takes_the_environment_for_what_is_not_said(self, shell: Shell, python: str) -> None:
        said = shell("train", "data", "--epochs", "4", PYTHON=python, NAME="bob", CONSENT=STATEMENT, EPOCHS="3")
        words = said.out.splitlines()
        assert words[3].endswith("/training/voices/runs/bob/terms.json")
        assert words[words.index("--consent") + 1] == STATEMENT
        assert words[-1].startswith("world 4 ")

    def test_needs_a_name(self, shell: Shell, python: str) -> None:
        assert "A name has 1 to 64" in shell("train", "data", PYTHON=python).err
        assert "NETWORK is one of" in shell("train", "data", "--name", "a", PYTHON=python, NETWORK="rnn").err

    def test_check_is_that_of_the_recipe(self, shell: Shell, python: str) -> None:
        said = shell("check", "data", "--json", "report.json", "--help", PYTHON=python)
        assert said.out.splitlines()[:5] == ["-m", "training.voices.check", "data", "--json", "report.json"]
