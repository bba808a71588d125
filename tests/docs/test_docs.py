"""Documentation that can rot is compared with the code."""

import re
from pathlib import Path

import pytest

from docs import generate
from shared.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "page"), [("settings.md", generate.settings_page), ("problems.md", generate.problems_page)]
)
def test_generated_pages_are_current(name: str, page: object) -> None:
    assert callable(page)
    assert (ROOT / "docs" / name).read_text() == page(), "run `make docs`"


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
