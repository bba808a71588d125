"""PLS documents, good and bad."""

import pytest

from shared.lexicons import Pronunciation, parse_pls
from shared.problems import InvalidLexicon

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<lexicon version="1.0" '
    'xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.w3.org/a http://b" '
    'alphabet="ipa" xml:lang="en-US">'
)


def document(lexemes: str, head: str = HEAD) -> str:
    return f"{head}{lexemes}</lexicon>"


def lexeme(content: str) -> str:
    return f"<lexeme>{content}</lexeme>"


def fault_of(text: str) -> str:
    with pytest.raises(InvalidLexicon) as refused:
        parse_pls(text)
    assert refused.value.body()["fault"] == refused.value.fault
    return refused.value.fault


def test_all_that_a_lexicon_says() -> None:
    lexicon = parse_pls(
        document(
            "<meta name='who' content='me'/><metadata><x>y</x></metadata><!-- words -->"
            + lexeme("<grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias><example>The W3C.</example>")
            + lexeme("<grapheme>pecan</grapheme><grapheme>Pecan &amp; co</grapheme><phoneme>pɪˈkɑːn</phoneme>")
            + lexeme('<grapheme>bon</grapheme><phoneme alphabet="x-sampa">bO~</phoneme>')
        )
    )
    assert (lexicon.language, lexicon.alphabet, lexicon.lexemes) == ("en-US", "ipa", 3)
    assert lexicon.words == {
        "W3C": Pronunciation(alias="World Wide Web Consortium"),
        "pecan": Pronunciation(ipa="pɪˈkɑːn"),
        "Pecan & co": Pronunciation(ipa="pɪˈkɑːn"),
        "bon": Pronunciation(ipa="bɔ\u0303"),
    }


def test_without_a_name_space() -> None:
    assert parse_pls(document("", '<lexicon version="1.0" xml:lang="de">')).language == "de"


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("<alias>one</alias><phoneme>wʌn</phoneme>", Pronunciation(alias="one")),
        ('<alias>one</alias><alias prefer="true">two</alias>', Pronunciation(alias="two")),
        (
            '<alias>one</alias><phoneme prefer="true">wʌn</phoneme><alias prefer="true">two</alias>',
            Pronunciation(ipa="wʌn"),
        ),
    ],
)
def test_of_several_pronunciations_one_counts(spoken: str, expected: Pronunciation) -> None:
    assert parse_pls(document(lexeme(f"<grapheme>1</grapheme>{spoken}"))).words["1"] == expected


def test_the_first_lexeme_of_a_word_counts() -> None:
    twice = "".join(lexeme(f"<grapheme>a</grapheme><alias>{alias}</alias>") for alias in ("first", "second"))
    found = parse_pls(document(twice))
    assert found.words == {"a": Pronunciation(alias="first")}
    assert found.lexemes == 2


def test_white_space_is_one_space() -> None:
    spread = lexeme("<grapheme>\n  New\n  York </grapheme><alias> the  big apple </alias>")
    assert parse_pls(document(spread)).words == {"New York": Pronunciation(alias="the big apple")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no xml",
        HEAD,
        document("<lexeme/>"),
        document(lexeme("<grapheme>a</grapheme>")),
        document(lexeme("<alias>a</alias>")),
        document(lexeme("<grapheme> </grapheme><alias>a</alias>")),
        document(lexeme("<grapheme>a</grapheme><alias></alias>")),
        document(lexeme("<grapheme>a<b/></grapheme><alias>a</alias>")),
        document(lexeme("<grapheme>a</grapheme><phoneme>日本</phoneme>")),
        document(lexeme('<grapheme>a</grapheme><phoneme alphabet="x-sampa">日本</phoneme>')),
        document("<grapheme>a</grapheme>"),
        document("<lexicon/>"),
        document("<unknown/>"),
        "<pls xml:lang='en'/>",
        '<!DOCTYPE lexicon [<!ENTITY a "b">]>' + document(lexeme("<grapheme>&a;</grapheme><alias>a</alias>"))[38:],
        document(lexeme("<grapheme>&a;</grapheme><alias>a</alias>")),
        document(lexeme("<grapheme>\ud800</grapheme><alias>a</alias>")),
        document(lexeme("<grapheme>\0</grapheme><alias>a</alias>")),
        document("<meta>" * 300),
    ],
)
def test_what_is_no_lexicon(text: str) -> None:
    assert fault_of(text) == "form"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (document("", HEAD.replace('"ipa"', '"x-arpabet"')), "alphabet"),
        (document(lexeme('<grapheme>a</grapheme><phoneme alphabet="kirshenbaum">a</phoneme>')), "alphabet"),
        (document("", HEAD.replace(' xml:lang="en-US"', "")), "language"),
        (document("", HEAD.replace("en-US", "English")), "language"),
        (document("<!-- " + "a" * 4_000 + " -->"), "size"),
        (document(lexeme(f"<grapheme>{'a' * 101}</grapheme><alias>a</alias>")), "pronunciation"),
        (document(lexeme(f"<grapheme>a</grapheme><alias>{'a' * 101}</alias>")), "pronunciation"),
        (document(lexeme(f"<grapheme>a</grapheme><phoneme>{'a' * 101}</phoneme>")), "pronunciation"),
    ],
)
def test_each_fault_has_its_name(text: str, fault: str) -> None:
    assert fault_of(text) == fault
