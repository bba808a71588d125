"""docs/migrate-openai.md says nothing that no test proves."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from services.tts.voices import OPENAI_VOICES

FOLDER = Path(__file__).parent
PAGE = (FOLDER.parents[2] / "docs" / "migrate-openai.md").read_text()


def test_every_row_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(test_\w+\.py(?:::\w+)*)` \|", PAGE)
    rows = [row for row in PAGE.splitlines() if row.endswith("` |") and "test_" in row]
    assert len(named) == len(rows) > 25
    there = {name for file in FOLDER.glob("test_*.py") for name in names(file)}
    assert set(named) <= there


def names(file: Path) -> Iterator[str]:
    """Yield how pytest calls a file, its classes and their tests."""
    yield file.name
    for one in ast.parse(file.read_text()).body:
        if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file.name}::{one.name}"
        if isinstance(one, ast.ClassDef):
            yield from (f"{file.name}::{one.name}::{test.name}" for test in one.body if hasattr(test, "name"))


def test_the_example_runs(
    address: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example
    monkeypatch.chdir(tmp_path)
    exec(example[1].replace("http://localhost:8080", address).replace("tmb_...", key), {})
    assert capsys.readouterr().out.strip()


def test_the_settings_of_the_environment_are_enough(address: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with openai.OpenAI() as client:
        assert client.models.retrieve("tts-1").id == "timbre"


def test_voices_mean_what_the_page_says() -> None:
    table = {
        name: voice
        for names, voice in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `(\w+)` \|$", PAGE, re.MULTILINE)
        for name in re.findall(r"\w+", names)
    }
    assert table == OPENAI_VOICES
