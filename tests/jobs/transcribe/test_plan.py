"""How recordings are shared out."""

import pytest

from jobs.transcribe.plan import Estimate, shared_out


def test_shares_are_of_about_the_same_length() -> None:
    recordings = [Estimate(str(number), float(number % 37)) for number in range(500)]
    shares = shared_out(recordings, 20)
    assert sorted(key for share in shares for key in share.keys) == sorted(each.key for each in recordings)
    lengths = [share.sound_seconds for share in shares]
    assert max(lengths) < 1.05 * min(lengths)


def test_a_long_one_is_alone() -> None:
    recordings = [Estimate("long", 7200.0), *(Estimate(str(number), 60.0) for number in range(30))]
    assert ["long"] in [share.keys for share in shared_out(recordings, 4)]


@pytest.mark.parametrize(("recordings", "children", "shares"), [(0, 5, 0), (1, 5, 1), (5, 1, 1), (5, 20, 5)])
def test_no_share_is_empty(recordings: int, children: int, shares: int) -> None:
    found = shared_out([Estimate(str(number), 0.0) for number in range(recordings)], children)
    assert len(found) == shares
    assert all(share.keys for share in found)
