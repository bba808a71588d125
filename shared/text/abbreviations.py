"""English abbreviations whose full stop does not end a sentence."""

import re

from shared.text.words import word_set

TITLES = word_set(
    "mr mrs ms mx dr prof rev hon st gen lt col maj capt cmdr adm sgt cpl pvt sen rep gov pres fr sr messrs"
)
"""Before a name."""

REFERENCES = word_set(
    "no nos vol vols p pp fig figs eq eqs sec secs ch chap art app ex para ref refs tab tel ext op ver "
    "jan feb mar apr jun jul aug sep sept oct nov dec lb lbs ft oz hr hrs"
)
"""Before a number."""

CONNECTIVES = word_set("e.g i.e eg ie viz cf vs approx ca c.f a.k.a aka incl esp resp temp")
"""Before anything: a sentence does not end with one of these."""

HONORIFICS_AFTER = word_set("ph.d m.d b.a m.a b.sc m.sc")
"""After a name, and hardly ever last in a sentence that goes on with another name."""

_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.]{0,12})\.$")


def last_abbreviation(text: str) -> str | None:
    """Return the last word of `text` in lower case without its full stop, or None if no full stop ends it."""
    found = _LAST_WORD.search(text[-24:])
    return found[1].lower() if found else None


def stop_is_inner(left: str, right: str) -> bool:
    """Say whether the full stop that ends `left` belongs to an abbreviation and the sentence goes on in `right`."""
    word = last_abbreviation(left)
    if word is None:
        return False
    if word in CONNECTIVES or (word in TITLES and right[:1].isupper()):
        return True
    if word in HONORIFICS_AFTER:
        return not right[:1].isdigit()
    return word in REFERENCES and right[:1].isdigit()
