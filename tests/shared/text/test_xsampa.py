"""X-SAMPA and IPA."""

import pytest

from shared.text.xsampa import checked_ipa, xsampa_to_ipa

PAIRS = [
    ('pI"kA:n', "pɪˈkɑːn"),
    ('h@"l@U', "həˈləʊ"),
    ("t_SE@`", "t͡ʃɛɚ"),
    ('"{p@l', "ˈæpəl"),
    ("r\\EId", "ɹɛɪd"),
    ("bO~", "bɔ\u0303"),
    ("p_hEn", "pʰɛn"),
    ("b_<a", "ɓa"),
    ("|\\|\\a", "ǁa"),
    ("Cy:2%9", "çyːøˌœ"),
    ("N=", "ŋ\u0329"),
    ("a_H_Tb", "a\u1dc4b"),
]


@pytest.mark.parametrize(("xsampa", "ipa"), PAIRS)
def test_pairs(xsampa: str, ipa: str) -> None:
    assert xsampa_to_ipa(xsampa) == ipa
    assert checked_ipa(ipa) == ipa


@pytest.mark.parametrize("text", ["é", "a#", "a\n", "ə"])
def test_what_is_no_xsampa_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="X-SAMPA"):
        xsampa_to_ipa(text)


@pytest.mark.parametrize("text", ["p@", "A", "1", "a<b", "猫"])
def test_what_is_no_ipa_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="IPA"):
        checked_ipa(text)
