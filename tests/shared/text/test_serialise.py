"""Documents as SSML: parsed again they are the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.problems import Problem
from shared.text.document import Run
from shared.text.serialise import sentence_to_ssml, to_ssml, with_emotions
from shared.text.ssml import parse_ssml
from shared.text.tags import parse_plain, parse_tagged

TEXT = st.text(max_size=30) | st.sampled_from(
    ["One. Two! ", "a & b < c ]]> d", "x\r\ny\n\nz", '"q" ', "😀é", "w" * 600]
)
WRAPPERS = [
    '<prosody rate="83%" pitch="+1.7st" volume="-3.3dB">{}</prosody>',
    '<prosody rate="1.07" pitch="-7Hz">{}</prosody>',
    '<emphasis level="none">{}</emphasis>',
    '<mstts:express-as style="sad" styledegree="0.35">{}</mstts:express-as>',
    '<amazon:emotion name="excited" intensity="low">{}</amazon:emotion>',
    '<amazon:effect name="whispered" vocal-tract-length="+12.5%">{}</amazon:effect>',
    '<amazon:effect name="drc" phonation="soft">{}</amazon:effect>',
    '<lang xml:lang="de-DE">{}</lang>',
    '<voice name="slt">{}</voice>',
    "<p>{}</p>",
    "<s>{}</s>",
    '<say-as interpret-as="date" format="dmy">{}</say-as>',
    '<sub alias="a &lt; &quot;b&quot;&#10;c">{}</sub>',
    '<phoneme alphabet="x-sampa" ph="t_S{{">{}</phoneme>',
    '{}<break time="333ms"/>',
    '<mark name="m&amp;&#9;n"/>{}',
]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


MARKUP = st.recursive(
    TEXT.map(escaped),
    lambda inner: st.tuples(st.sampled_from(WRAPPERS), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: pair[0].format("".join(pair[1]))
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(MARKUP)
def test_ssml_round_trip(stripped, markup: str) -> None:
    try:
        document = parse_ssml(f"<speak>{markup}</speak>")
    except Problem:
        return
    assert stripped(parse_ssml(to_ssml(document))) == stripped(document)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["[angry]a[/angry]", "[sad 0.123]", "[/sad]", "[pause 1s]", "x. Y", "\n\n"]) | TEXT, max_size=8
    ),
    st.sampled_from([parse_tagged, parse_plain]),
    st.floats(0.01, 2.0),
)
def test_text_round_trip_with_emotions(stripped, pieces: list[str], parse, intensity: float) -> None:
    try:
        document = parse("".join(pieces))
    except Problem:
        return
    choices = [("angry", intensity) if index % 2 else None for index in range(len(document.sentences))]
    coloured = with_emotions(document, choices)
    assert stripped(parse_ssml(to_ssml(coloured))) == stripped(coloured)
    assert [sentence.text for sentence in coloured.sentences] == [sentence.text for sentence in document.sentences]


def test_a_tag_beats_a_choice() -> None:
    document = with_emotions(parse_tagged("So [sad]no[/sad] yes. Two."), [("angry", 0.5), None])
    runs = [part for sentence in document.sentences for part in sentence.parts if isinstance(part, Run)]
    assert [(run.text, run.style.emotion, run.style.intensity) for run in runs] == [
        ("So ", "angry", 0.5),
        ("no", "sad", None),
        (" yes.", "angry", 0.5),
        ("Two.", None, None),
    ]


def test_runs_that_become_alike_are_joined() -> None:
    (sentence,) = with_emotions(parse_tagged("a [sad]b[/sad] c"), [("sad", 1.0)]).sentences
    assert len(sentence.parts) == 3
    (sentence,) = with_emotions(parse_tagged("a [sad 1]b[/sad] c"), [("sad", 1.0)]).sentences
    assert [part.text for part in sentence.parts if isinstance(part, Run)] == ["a b c"]


def test_one_sentence_as_ssml() -> None:
    (sentence,) = parse_tagged("[sad]a & b[/sad][pause 1s]").sentences
    expected = '<s><mstts:express-as style="sad">a &amp; b</mstts:express-as><break time="1s"/></s>'
    assert sentence_to_ssml(sentence) == expected
