"""The command line as a whole: wrong uses, settings, and the command at the root of the repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.access import Access
from client.timbre import Timbre
from tests.client.conftest import KEY
from tests.client.shell import Run
from tests.client.stand_in import answer, standing_in
from tests.ports import free_port
from tests.started import ROOT


class TestUse:
    def test_nobody_there(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_PORT", str(free_port()))
        said = run("jobs", "list")
        assert (said.status, said.err.startswith("Timbre cannot be reached: ")) == (1, True)

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("no-such-command",),
            ("jobs",),
            ("jobs", "no-such-command"),
            (
                "jobs",
                "submit",
            ),
            ("jobs", "submit", "no-such-file"),
            ("jobs", "submit", "/dev/null", "--format", "midi"),
            ("jobs", "submit", "/dev/null", "--speed", "fast"),
            ("jobs", "submit", sys.executable),
            (
                "jobs",
                "show",
            ),
            ("jobs", "list", "--state", "lost"),
        ],
    )
    def test_wrong_use(self, arguments: tuple[str, ...], run: Run) -> None:
        said = run(*arguments)
        assert said.status == 2
        assert "usage: timbre" in said.err

    @pytest.mark.parametrize(
        ("name", "value"),
        [("TIMBRE_API_KEY", ""), ("TIMBRE_URL", "localhost:8080"), ("TIMBRE_URL", "file:///etc"), ("TIMBRE_PORT", "x")],
    )
    def test_wrong_settings(self, name: str, value: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, value)
        said = run("jobs", "list")
        assert said.status == 2
        assert name in said.err

    def test_a_key_that_cannot_be_sent(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        with standing_in() as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            for key in ("two\nlines", "€"):
                monkeypatch.setenv("TIMBRE_API_KEY", key)
                said = run("jobs", "list")
                assert (said.status, key in said.err) == (1, False)

    def test_address_and_key_come_from_env_files_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TIMBRE_API_KEY")
        Path(".env").write_text("TIMBRE_PORT=8090\nTIMBRE_API_KEY=from-the-file\nTIMBRE_DEFAULT_VOICE=slt\n")
        assert Access().timbre == Timbre("http://localhost:8090", "from-the-file")
        monkeypatch.setenv("TIMBRE_API_KEY", "from-the-environment")
        monkeypatch.setenv("TIMBRE_URL", "https://timbre.example/")
        assert Access().timbre == Timbre("https://timbre.example", "from-the-environment")


class TestTheCommand:
    """./timbre, as a copy in a folder of its own."""

    @pytest.fixture
    def there(self, tmp_path: Path) -> Path:
        """A folder like the repository, set up."""
        there = tmp_path / "there"
        (there / ".venv" / "bin").mkdir(parents=True)
        for name in ("client", "gateway", "shared"):
            (there / name).symlink_to(ROOT / name)
        (there / "timbre").write_bytes((ROOT / "timbre").read_bytes())
        python = there / ".venv" / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        for script in (python, there / "timbre"):
            script.chmod(0o755)
        return there

    def test_from_any_folder_and_through_a_link(self, there: Path, tmp_path: Path) -> None:
        here = tmp_path / "here"
        (here / "client").mkdir(parents=True)
        for module in ("client/__init__.py", "client/__main__.py", "json.py", "pydantic.py"):
            (here / module).write_text("open('canary', 'w')\n")
        (here / "link").symlink_to(there / "timbre")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
        with standing_in(answer('{"jobs": 7}')) as good, standing_in() as evil:
            (there / ".env").write_text(f"TIMBRE_URL={good.address}\nTIMBRE_API_KEY={KEY}\n")
            (here / ".env").write_text(f"TIMBRE_URL={evil.address}\n")
            done = subprocess.run(
                ["./link", "jobs", "forget", "--yes"], cwd=here, env=environment, capture_output=True, timeout=60
            )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"7 jobs are being deleted.\n", b"")
        assert (len(good.requests), len(evil.requests)) == (1, 0)
        assert not (here / "canary").exists()

    def test_says_what_to_do_where_nothing_is_set_up(self, there: Path) -> None:
        (there / ".venv" / "bin" / "python").unlink()
        done = subprocess.run([there / "timbre"], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"call 'make run' in {there} first" in done.stderr
