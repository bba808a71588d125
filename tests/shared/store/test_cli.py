"""The command line: python -m shared.store."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.store.__main__ import main
from tests.shared.store.conftest import MakeModel


def test_publish_list_point_verify(make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--location", str(tmp_path / "models")]
    for version in ("1", "2"):
        folder = make_model("tone", version, {"w.bin": version.encode()})
        assert main(["publish", *at, str(folder), "tone", version, "--point"]) == 0
    assert main(["point", *at, "tone", "1"]) == 0
    capsys.readouterr()
    assert main(["list", *at]) == 0
    assert capsys.readouterr().out == "MODEL  IN USE  VERSIONS\ntone   1       1 2\n"
    assert main(["verify", *at]) == 0
    assert capsys.readouterr().out.split() == ["MODEL", "VERSION", "STATE", "tone", "1", "ok", "tone", "2", "ok"]


def test_verify_fails_for_a_bad_model(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--location", str(tmp_path / "models")]
    main(["publish", *at, str(make_model("tone", "1", {"w.bin": b"w"})), "tone", "1"])
    (tmp_path / "models" / "tone" / "1" / "w.bin").write_bytes(b"x")
    assert main(["verify", *at, "tone"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_problems_are_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["point", "--location", str(tmp_path), "tone", "1"]) == 1
    assert "There is no version 1 of model tone" in capsys.readouterr().err
    assert main(["publish", "--location", str(tmp_path), str(tmp_path / "none"), "tone", "1"]) == 1


def test_it_runs_as_a_program_on_a_bucket(bucket: str, make_model: MakeModel, tmp_path: Path) -> None:
    folder = make_model("tone", "1", {"w.bin": b"w"})
    at = ["--location", f"s3://{bucket}/models"]
    assert main(["publish", *at, str(folder), "tone", "1"]) == 0
    command = [sys.executable, "-m", "shared.store", "verify", *at]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    assert shown.stdout.splitlines()[1].split() == ["tone", "1", "ok"]
