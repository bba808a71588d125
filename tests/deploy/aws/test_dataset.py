"""The template for the catalogue is well formed, and its rights are those that are used."""

from cfnlint.api import lint_file

from tests.training.speaker.data.conftest import TEMPLATE


def test_cloudformation_would_take_it() -> None:
    assert [str(fault) for fault in lint_file(TEMPLATE)] == []


def test_nobody_is_allowed_to_scan() -> None:
    assert "dynamodb:Query" in TEMPLATE.read_text()
    assert "dynamodb:Scan" not in TEMPLATE.read_text()
