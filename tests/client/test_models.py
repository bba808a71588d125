"""The commands for models: those of the store, for which nothing needs to run."""

from pathlib import Path

import pytest

from tests.client.shell import Run
from tests.shared.store.pulling import catalogue
from tests.shared.store.web import serving_site


@pytest.fixture(autouse=True)
def no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIMBRE_API_KEY")
    monkeypatch.setenv("TIMBRE_DOWNLOADS", str(tmp_path / "downloads"))


def test_they_need_no_timbre_and_no_key(run: Run, tmp_path: Path) -> None:
    store = ("--location", str(tmp_path / "models"))
    assert run("models", "list", *store).out == "MODEL  IN USE  VERSIONS\n"
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "w.bin").write_bytes(b"w")
    said = run("models", "import", *store, str(tmp_path / "given"), "tone", "1", "--engine", "whisper")
    assert (said.status, said.out) == (0, "PUBLISHED  tone  1  1 files\n")
    assert run("models", "verify", *store).status == 0
    assert "deepspeech" in run("models", "catalogue", *store).out


def test_pull(run: Run, tmp_path: Path) -> None:
    with serving_site() as site:
        known = str(catalogue(site, tmp_path))
        at = ("--location", str(tmp_path / "models"), "--downloads", str(tmp_path / "downloads"))
        said = run("models", "pull", "tone", "--catalogue", known, *at)
        assert (said.status, said.out) == (0, "PUBLISHED  tone  1  2 files\n")


def test_problems_in_words(run: Run, tmp_path: Path) -> None:
    said = run("models", "point", "--location", str(tmp_path), "tone", "1")
    assert (said.status, said.err) == (1, "No model or voice of that name: There is no version 1 of model tone.\n")


def test_other_commands_need_a_key(run: Run) -> None:
    assert (run("jobs", "list").status, run("models").status) == (2, 2)
