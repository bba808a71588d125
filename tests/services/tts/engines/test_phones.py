import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tts.engines.phones import arpabet, espeak_candidates
from shared.problems import InvalidMarkup


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("təˈmeɪtoʊ", "t ax0 m ey1 t ow0"),
        ("pɪˈkɑːn", "p ih0 k aa1 n"),
        ("t͡ʃiːz", "ch iy0 z"),
        ("ˈdʒʌd͡ʒ", "jh ah1 jh"),
        ("ˌʌndəˈstænd", "ah0 n d ax0 s t ae1 n d"),
        ("ʃɑ̃", "sh aa0"),
        ("ça", "hh aa0"),
        ("ˈniː.ɡrə", "n iy1 g r ax0"),
    ],
)
def test_arpabet(ipa: str, phones: str) -> None:
    assert " ".join(arpabet(ipa)) == phones


def test_espeak_tries_the_best_first() -> None:
    assert [sound[0] for sound in espeak_candidates("təˈmeɪtoʊ")] == ["t", "@", "'", "m", "eI", "t", "oU"]


@pytest.mark.parametrize("wrong", ["", " ", "ː", "5", "a<b", "a]]b", "жуть", "\x00"])
def test_what_is_no_ipa_is_refused(wrong: str) -> None:
    for convert in (arpabet, espeak_candidates):
        with pytest.raises(InvalidMarkup):
            convert(wrong)


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_anything_gives_plain_phones_or_a_problem(text: str) -> None:
    try:
        phones = arpabet(text)
    except InvalidMarkup:
        return
    assert all(phone.isascii() and phone.isalnum() for phone in phones)
