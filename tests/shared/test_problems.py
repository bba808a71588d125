"""Problems that come back from their bodies."""

import pytest

from shared.problems import Busy, InvalidInput, InvalidMarkup, ModelNotFound, Problem, StorageRefused, problem_from


@pytest.mark.parametrize("kind", [Busy, InvalidInput, InvalidMarkup, ModelNotFound, StorageRefused, Problem])
def test_a_body_becomes_its_problem(kind: type[Problem]) -> None:
    found = problem_from(kind("This is why.").body())
    assert (type(found), found.detail) == (kind, "This is why.")


@pytest.mark.parametrize("body", [{}, {"type": "about:blank", "detail": "Why?"}, {"type": 7}])
def test_any_other_is_one_of_our_own(body: dict[str, object]) -> None:
    assert type(problem_from(body)) is Problem  # type: ignore[arg-type]
