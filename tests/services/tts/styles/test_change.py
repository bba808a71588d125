import pytest

from services.tts.styles.change import NO_CHANGE, ProsodyChange, markup_change, split_change
from shared.text.document import Prosody, Style


def test_changes_compose() -> None:
    one = ProsodyChange(rate=2.0, pitch=0.5, pitch_range=2.0, volume_db=3.0, tilt_db=-1.0)
    both = one.then(ProsodyChange(rate=0.5, pitch=2.0, pitch_range=0.5, volume_db=-3.0, tilt_db=1.0))
    assert both == NO_CHANGE


def test_markup_is_prosody_and_emphasis() -> None:
    style = Style(prosody=Prosody(rate=0.5, pitch=1.2, volume_db=6.0), emphasis="strong")
    change = markup_change(style)
    assert change.rate < 0.5
    assert change.pitch > 1.2
    assert change.volume_db > 6
    assert markup_change(Style()) == NO_CHANGE


def test_what_is_even_is_left_to_the_engine() -> None:
    common, left = split_change([ProsodyChange(rate=1.5, pitch=1.2, volume_db=3.0)] * 3, ("rate", "pitch"))
    assert common == ProsodyChange(rate=1.5, pitch=1.2)
    assert left == [ProsodyChange(volume_db=3.0)] * 3


def test_what_the_engine_cannot_is_left() -> None:
    change = ProsodyChange(rate=1.5, pitch=1.2)
    assert split_change([change], ("rate",)) == (ProsodyChange(rate=1.5), [ProsodyChange(pitch=1.2)])
    assert split_change([change], ()) == (NO_CHANGE, [change])


def test_what_is_uneven_is_split() -> None:
    changes = [ProsodyChange(rate=value) for value in (1.2, 1.2, 0.6)]
    common, left = split_change(changes, ("rate",))
    assert common.rate == 1.2
    assert [common.rate * change.rate for change in left] == pytest.approx([1.2, 1.2, 0.6])


def test_what_is_too_much_for_engines_is_left() -> None:
    common, left = split_change([ProsodyChange(rate=4.0)], ("rate",))
    assert common.rate * left[0].rate == pytest.approx(4.0)
    assert left[0].rate > 1
    assert split_change([], ("rate",)) == (NO_CHANGE, [])
