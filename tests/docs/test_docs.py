"""Documentation that can rot is compared with the code."""

import re
from pathlib import Path

import pytest

from docs import generate
from shared.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", generate.PAGES)
def test_generated_pages_are_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == generate.PAGES[name](), "run `make docs`"


def test_every_operation_that_is_offered_is_called_by_a_test() -> None:
    assert "| none |" not in (ROOT / "docs" / "migrate.md").read_text()


def test_pages_for_newcomers_name_tests_that_exist() -> None:
    for page in (ROOT / "docs").glob("migrate-*.md"):
        for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::([\w:]+))?`", page.read_text()):
            source = (ROOT / file).read_text()
            assert all(re.search(rf"(def|class) {part}\b", source) for part in name.split("::") if part), (
                page.name,
                name,
            )


def test_version_stands_once() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 110
