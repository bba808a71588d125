"""Plain and tagged text: tags, mistyped tags, and brackets that are text."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.problems import InvalidInput, InvalidMarkup, Problem, TooLarge
from shared.text.document import Pause, Run
from shared.text.limits import Limits
from shared.text.tags import parse_plain, parse_tagged
from tests.growth import is_linear


def spoken(text: str) -> list[tuple[str, str | None, float | None] | float]:
    parts = [part for sentence in parse_tagged(text).sentences for part in sentence.parts]
    return [
        (part.text, part.style.emotion, part.style.intensity) if isinstance(part, Run) else part.seconds
        for part in parts
        if isinstance(part, Run | Pause)
    ]


def test_tags_colour_what_they_enclose() -> None:
    assert spoken("Hi. [angry]Go! Now.[/angry] [SAD 0.7] Oh [calm]well[/calm] no.[/sad] Bye.") == [
        ("Hi.", None, None),
        ("Go!", "angry", None),
        ("Now.", "angry", None),
        ("Oh ", "sad", 0.7),
        ("well", "calm", None),
        (" no.", "sad", 0.7),
        ("Bye.", None, None),
    ]


def test_pauses() -> None:
    assert spoken("One. [pause 1.5s] Two [pause 300ms] three. [pause 0s]") == [
        ("One.", None, None),
        1.5,
        ("Two ", None, None),
        0.3,
        (" three.", None, None),
    ]


HONEST = ["[1]", "[sic]", "[he] said", "[...]", "[]", "[see page 5]", "[page 5]", "He [said] so", "[hungry]", "a[i]"]
HONEST += ["[Note: see below]", "[a.b]", "[2024]", "[sand]", "[[1]]", "[", "]", "x]", "[é]", "[not angry]", "[A/B]"]


@pytest.mark.parametrize("text", HONEST)
def test_honest_brackets_are_text(text: str) -> None:
    assert "".join(sentence.text for sentence in parse_tagged(text).sentences) == text


MISTYPED = [
    ("é [angri] x", 3, "angri", "angry"),
    ("x [angry", 2, "angry", "angry"),
    ("x [angry y [sad]z[/sad]", 2, "angry", "lacks"),
    ("x [angry\n]", 2, "angry", "lacks"),
    ("[angry] x", 0, "angry", "[/angry]"),
    ("x [/sad]", 2, "sad", "closes nothing"),
    ("[sad]x[/angry]", 6, "angry", "[sad] is open"),
    ("[sad]x[/sad 1]", 6, "sad", "no value"),
    ("[pause=1.5]x", 0, "pause", "[pause 1.5s]"),
    ("[pause]x", 0, "pause", "[pause 1.5s]"),
    ("[pause 1.5]x", 0, "pause", "[pause 1.5s]"),
    ("[pause 11s]x", 0, "pause", "10 seconds"),
    ("[/pause]x", 0, "pause", "not closed"),
    ("[angry 3]x[/angry]", 0, "angry", "0.01"),
    ("[angry nan]x[/angry]", 0, "angry", "0.01"),
    ("[angry:0.7]x[/angry]", 0, "angry", "0.01"),
    ("[calm down]x", 0, "calm", "0.01"),
    ("[angry!]x", 0, "angry", "0.01"),
    ("[happyy 0.5]x[/happyy]", 0, "happyy", "happy"),
    ("[surprise]x[/surprise]", 0, "surprise", "surprised"),
    ("[cheerful]x[/cheerful]", 0, "cheerful", "happy"),
    ("[laughs] x", 0, "laughs", "no tag"),
    ("[color=red]x", 0, "color", "no tag"),
    ("x[/b]", 1, "b", "no tag"),
]


@pytest.mark.parametrize(("text", "position", "name", "said"), MISTYPED)
def test_mistyped_tags_are_refused(text: str, position: int, name: str, said: str) -> None:
    with pytest.raises(InvalidMarkup) as caught:
        parse_tagged(text)
    assert caught.value.extensions == {"position": position, "element": name}
    assert said in caught.value.detail


def test_an_escaped_bracket_is_text() -> None:
    assert spoken("\\[angry\\] x \\y") == [("[angry] x \\y", None, None)]


def test_plain_text_knows_no_tags() -> None:
    assert [sentence.text for sentence in parse_plain("[angry] x [pause 1s").sentences] == ["[angry] x [pause 1s"]


def test_paragraphs_end_at_blank_lines() -> None:
    document = parse_plain("One. Two.\n\nThree.")
    assert [sentence.paragraph_end for sentence in document.sentences] == [False, True, False]


def test_control_characters_are_dropped_and_keep_the_offsets() -> None:
    (sentence,) = parse_plain("a\x01é\x0cb").sentences
    assert sentence.text == "aé b"
    assert sentence.parts[0].offsets == (0, 2, 4, 5, 6)


@pytest.mark.parametrize("parse", [parse_plain, parse_tagged])
@pytest.mark.parametrize("text", ["", " \n", "\x01", "a\0", "a\ud800", "\udc00"])
def test_nothing_to_speak_and_broken_characters(parse, text: str) -> None:
    with pytest.raises(InvalidInput):
        parse(text)


def test_limits() -> None:
    with pytest.raises(TooLarge):
        parse_plain("é" * 6, Limits(input_bytes=11))
    with pytest.raises(InvalidMarkup):
        parse_tagged("[sad]" * 3 + "x" + "[/sad]" * 3, Limits(depth=2))
    with pytest.raises(InvalidMarkup):
        parse_tagged("x [pause 2s] y [pause 2s]", Limits(pause_seconds=3.0))
    with pytest.raises(InvalidMarkup):
        parse_tagged("[sad]x[/sad]" * 3, Limits(elements=5))


PIECES = [
    "[",
    "]",
    "[angry]",
    "[/angry]",
    "[sad 0.5]",
    "[/sad]",
    "[pause 1s]",
    "\\",
    "One. ",
    "é😀",
    "[1]",
    "\n\n",
    "\x01",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=20).map("".join))
@pytest.mark.parametrize("parse", [parse_plain, parse_tagged])
def test_any_text_is_a_document_or_a_problem(check_offsets, parse, text: str) -> None:
    try:
        document = parse(text)
    except Problem:
        return
    check_offsets(document, text)
    raw = text.encode()
    for sentence in document.sentences:
        for run in sentence.parts:
            if isinstance(run, Run):
                for index, character in enumerate(run.text):
                    written = raw[run.offsets[index] :].decode()
                    assert character.isspace() or written.startswith((character, f"\\{character}"))


@pytest.mark.parametrize("unit", ["[", "[ ", "[a", "[angri", "\\[", "[1] ", "[" + " " * 50, "]", "[x y z ", "Hi. "])
@pytest.mark.parametrize("parse", [parse_plain, parse_tagged])
def test_time_is_linear(parse, unit: str) -> None:
    def read(length: int) -> None:
        with suppress(InvalidMarkup):
            parse(unit * (length // len(unit)) + "x")

    assert is_linear(read, 25_000)
