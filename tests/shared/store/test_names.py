"""Names and the order of versions."""

import itertools

import pytest

from shared.problems import InvalidInput
from shared.store.names import check_name, is_document, is_name, natural_order
from tests.shared.objects.hostile import HOSTILE_KEYS


def test_good_names() -> None:
    for name in ("a", "emotion-minilm", "en_us.slt", "2026-11-20", "1.0.0-rc.1", "x" * 64):
        assert check_name(name, "model") == name


def test_bad_names() -> None:
    bad = ["A", "-a", ".a", "_a", "a/b", "a b", "a\n", "x" * 65, "ä", "current", "manifest.json", *HOSTILE_KEYS]
    for name in set(bad) - {"a"}:
        assert not is_name(name), ascii(name)
        with pytest.raises(InvalidInput):
            check_name(name, "model")


def test_versions_are_ordered_as_people_read_them() -> None:
    ordered = [
        "0.9",
        "1",
        "1.0-rc1",
        "1.0-rc2",
        "1.0",
        "1.0.1",
        "1.2",
        "1.9",
        "1.10",
        "2",
        "10",
        "2026-09-30",
        "2026-11-02",
    ]
    assert all(natural_order(low) < natural_order(high) for low, high in itertools.pairwise(ordered))
    assert natural_order("v9") < natural_order("v10")


def test_documents_are_markdown() -> None:
    assert is_document("MODEL_CARD.md")
    assert not is_document("model.onnx")
