"""SSML: what it means, exact offsets, and that all else is refused with its name and position."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.problems import InvalidInput, InvalidMarkup, Problem, TooLarge
from shared.text.document import Mark, Pause, Run
from shared.text.limits import Limits
from shared.text.ssml import parse_ssml


def test_pauses_and_marks_stand_where_they_were_written() -> None:
    ssml = '<speak>One <break time="250ms"/>two. <mark name="m"/><break/> Three.<break strength="none"/></speak>'
    first, second = parse_ssml(ssml).sentences
    start = ssml.index("<mark")
    assert [part.text if isinstance(part, Run) else part for part in first.parts] == [
        "One ",
        Pause(0.25),
        "two.",
        Mark("m", start, start + len('<mark name="m"/>')),
        Pause(0.4),
    ]
    assert [part.text for part in second.parts if isinstance(part, Run)] == ["Three."]
    assert len(second.parts) == 1


def test_a_pause_before_all_text_opens_the_first_sentence() -> None:
    (sentence,) = parse_ssml('<speak><break time="1s"/><p><s>One.</s></p></speak>').sentences
    assert sentence.parts[0] == Pause(1.0)
    assert sentence.paragraph_end


def test_sentences_and_paragraphs() -> None:
    document = parse_ssml("<speak>One. Two.<p>Three. <s>Four. Five.</s></p>Six</speak>")
    assert [(sentence.text, sentence.paragraph_end) for sentence in document.sentences] == [
        ("One.", False),
        ("Two.", True),
        ("Three.", False),
        ("Four. Five.", True),
        ("Six", False),
    ]


def test_a_word_that_is_read_as_one_is_never_cut() -> None:
    document = parse_ssml(
        f'<speak>{"a" * 400}<sub alias="x">{"b. C" * 60}</sub> The <sub alias="y">St. </sub> end</speak>'
    )
    assert [len(sentence.text) for sentence in document.sentences] == [400, 240 + len(" The St.  end")]


def test_offsets_are_byte_offsets_of_what_was_written() -> None:
    ssml = "<speak>Hé &amp; <![CDATA[a<b]]> 😀.\r\n <emphasis>th<!-- c -->ree</emphasis> x&#x41;.</speak>"
    raw = ssml.encode()
    first, second = parse_ssml(ssml).sentences
    assert raw[first.start : first.end].decode() == "Hé &amp; <![CDATA[a<b]]> 😀."
    assert raw[second.start : second.end].decode() == "<emphasis>th<!-- c -->ree</emphasis> x&#x41;."[10:]
    run = first.parts[0]
    assert isinstance(run, Run)
    assert [raw[run.offsets[i] : run.offsets[i + 1]].decode() for i in range(4)] == ["H", "é", " ", "&amp;"]


def test_a_byte_order_mark_counts_in_the_offsets() -> None:
    assert parse_ssml("\ufeff<speak>x</speak>").sentences[0].start == 10


@pytest.mark.parametrize(
    "ssml",
    [
        "",
        "hello",
        "<p>x</p>",
        "<speak>x",
        "<speak>x</speak><speak/>",
        "<!DOCTYPE speak><speak>x</speak>",
        '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>',
        '<!DOCTYPE s SYSTEM "file:///etc/passwd"><speak>x</speak>',
    ],
)
def test_what_is_not_one_speak_element_is_refused(ssml: str) -> None:
    with pytest.raises(InvalidMarkup):
        parse_ssml(ssml)


@pytest.mark.parametrize(
    "ssml", ["<speak/>", "<speak> <break/> </speak>", "<speak>\0</speak>", "<speak>\ud800</speak>"]
)
def test_nothing_to_speak_and_broken_characters(ssml: str) -> None:
    with pytest.raises(InvalidInput):
        parse_ssml(ssml)


def test_a_declared_encoding_changes_nothing() -> None:
    ssml = '<?xml version="1.0" encoding="ISO-8859-1"?><speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis">é</speak>'
    assert parse_ssml(ssml).sentences[0].text == "é"


BOMBS = [
    "<speak>" + "<prosody>" * 100_000,
    "<speak>" + "<break/>" * 100_000,
    "<speak>" + '<break time="10s"/>' * 50_000,
    "<speak" + " a" * 400_000,
    "<speak>" + "<" * 900_000,
    "<speak><" + "x" * 900_000 + "/></speak>",
    "<speak>" + "&" * 900_000,
    '<speak><phoneme alphabet="x-sampa" ph="' + "_" * 900_000 + '">x</phoneme></speak>',
    '<speak><prosody rate="' + "1" * 900_000 + '">x</prosody></speak>',
    "<speak>" + "<!-- x -->" * 90_000 + "</speak>",
]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[7:20])
def test_a_bomb_is_refused_at_once_and_in_little_memory(bomb: str) -> None:
    start = time.process_time()
    with pytest.raises(Problem):
        parse_ssml(bomb)
    assert time.process_time() - start < 0.2
    tracemalloc.start()
    with pytest.raises(Problem):
        parse_ssml(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_limits() -> None:
    with pytest.raises(TooLarge):
        parse_ssml("<speak>é</speak>", Limits(input_bytes=16))
    parse_ssml("<speak>é</speak>", Limits(input_bytes=17))
    with pytest.raises(InvalidMarkup):
        parse_ssml("<speak><p>x</p></speak>", Limits(depth=1))
    with pytest.raises(InvalidMarkup):
        parse_ssml('<speak>x<break time="2s"/><break time="2s"/></speak>', Limits(pause_seconds=3.0))


TAGS = '<speak>|<p>|</p>|<s>|</s>|<break/>|<mark name="é"/>|<emphasis>|</emphasis>|<prosody rate="2">|</prosody>'
TEXTS = '<sub alias="x y">|</sub>|X. |two é😀 |&amp;|&#13;|\r\n|<![CDATA[|]]>|<!--|-->|<|&|"| |\n\n|\x7f|\u2028|]]&gt;'
PIECES = st.sampled_from([*TAGS.split("|"), *TEXTS.split("|")])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=20).map("".join), st.booleans())
def test_any_text_is_a_document_or_a_problem(check_offsets, text: str, is_wrapped: bool) -> None:
    text = f"<speak>{text}</speak>" if is_wrapped else text
    try:
        document = parse_ssml(text)
    except Problem as refused:
        position = refused.extensions.get("position", 0)
    else:
        position = document.sentences[-1].end
        check_offsets(document, text)
    assert 0 <= position <= len(text.encode(errors="surrogatepass"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["One. ", "é😀 ", "&lt;", "<emphasis>b</emphasis>", "<!-- -->", "<![CDATA[<x>]]>", "c"]),
        min_size=1,
    )
)
def test_text_can_be_recovered_from_the_offsets(check_offsets, pieces: list[str]) -> None:
    text = f"<speak>{''.join(pieces)}</speak>"
    try:
        document = parse_ssml(text)
    except InvalidInput:
        return
    check_offsets(document, text)
    raw = text.encode()
    for sentence in document.sentences:
        for run in sentence.parts:
            assert isinstance(run, Run)
            for index, character in enumerate(run.text):
                written = raw[run.offsets[index] : run.offsets[index + 1]].decode()
                if not character.isspace():
                    assert written.startswith(character) or written.startswith("&lt;")
