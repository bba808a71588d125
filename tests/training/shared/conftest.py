"""Recordings to read."""

from tests.training.keywords.conftest import data, write

__all__ = ["data", "write"]
