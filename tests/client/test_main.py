"""The command line as a whole: wrong uses, settings, and the command at the root of the repository."""

import sys
from pathlib import Path

import pytest

from client.access import Access
from client.timbre import Timbre
from tests.client.shell import Run
from tests.client.stand_in import standing_in
from tests.ports import free_port


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
