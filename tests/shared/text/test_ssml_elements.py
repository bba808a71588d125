"""SSML elements: what each says of its text, and the values and attributes that are refused."""

import pytest

from shared.problems import InvalidMarkup
from shared.text.document import Effects, Prosody, Run, SayAs, Style
from shared.text.ssml import parse_ssml


def runs(ssml: str) -> list[Run]:
    return [part for sentence in parse_ssml(ssml).sentences for part in sentence.parts if isinstance(part, Run)]


def only_run(ssml: str) -> Run:
    (run,) = runs(f"<speak>{ssml}</speak>")
    return run


STYLES = [
    ('<prosody rate="80%">x</prosody>', Style(prosody=Prosody(rate=0.8))),
    ('<prosody rate="+20%">x</prosody>', Style(prosody=Prosody(rate=1.2))),
    ('<prosody rate="1.5">x</prosody>', Style(prosody=Prosody(rate=1.5))),
    ('<prosody rate="x-slow" pitch="high" volume="soft">x</prosody>', Style(prosody=Prosody(0.5, 1.14, -6.0))),
    ('<prosody pitch="+12st">x</prosody>', Style(prosody=Prosody(pitch=2.0))),
    ('<prosody pitch="-10%">x</prosody>', Style(prosody=Prosody(pitch=0.9))),
    ('<prosody pitch="+15Hz">x</prosody>', Style(prosody=Prosody(pitch=1.1))),
    ('<prosody volume="+6dB">x</prosody>', Style(prosody=Prosody(volume_db=6.0))),
    ('<prosody volume="silent">x</prosody>', Style(prosody=Prosody(volume_db=-60.0))),
    ('<prosody rate="9999%" pitch="-99%" volume="+99dB">x</prosody>', Style(prosody=Prosody(4.0, 0.5, 12.0))),
    (
        '<prosody rate="50%" volume="-2dB"><prosody rate="150%" volume="-3dB">x</prosody></prosody>',
        Style(prosody=Prosody(rate=0.75, volume_db=-5.0)),
    ),
    ('<amazon:effect name="whispered">x</amazon:effect>', Style(effects=Effects(whispered=True))),
    (
        '<amazon:effect name="drc" phonation="soft"><amazon:effect name="whispered">x</amazon:effect></amazon:effect>',
        Style(effects=Effects(whispered=True, soft=True, compressed=True)),
    ),
    ('<amazon:effect vocal-tract-length="+15%">x</amazon:effect>', Style(effects=Effects(tract_length=1.15))),
    ('<amazon:effect vocal-tract-length="-50%">x</amazon:effect>', Style(effects=Effects(tract_length=0.5))),
    ('<amazon:effect vocal-tract-length="120%">x</amazon:effect>', Style(effects=Effects(tract_length=1.2))),
    ("<emphasis>x</emphasis>", Style(emphasis="moderate")),
    ('<emphasis level="strong">x</emphasis>', Style(emphasis="strong")),
    ('<voice name="slt">x</voice>', Style(voice="slt")),
    ('<lang xml:lang="fr-FR">x</lang>', Style(language="fr-FR")),
    ('<s xml:lang="de">x</s>', Style(language="de")),
    ('<amazon:emotion name="excited" intensity="low">x</amazon:emotion>', Style("excited", 0.5)),
    ('<amazon:emotion name="disappointed" intensity="high">x</amazon:emotion>', Style("sad", 1.5)),
    ('<mstts:express-as style="cheerful">x</mstts:express-as>', Style("happy")),
    ('<mstts:express-as style="Terrified" styledegree="0.01">x</mstts:express-as>', Style("fearful", 0.01)),
    ('<mstts:express-as xmlns:mstts="urn:x" style="angry" styledegree="2">x</mstts:express-as>', Style("angry", 2.0)),
    (
        '<amazon:emotion name="sad" intensity="high"><amazon:emotion name="calm">x</amazon:emotion></amazon:emotion>',
        Style("calm"),
    ),
]


@pytest.mark.parametrize(("ssml", "style"), STYLES, ids=lambda value: value if isinstance(value, str) else "")
def test_style(ssml: str, style: Style) -> None:
    assert only_run(ssml).style == style


WORDS = [
    ('<say-as interpret-as="date" format="dmy">1/2/24</say-as>', "say_as", SayAs("date", "dmy")),
    ('<say-as interpret-as="characters">ab</say-as>', "say_as", SayAs("characters")),
    ('<sub alias="World Wide Web">W&amp;W.</sub>', "alias", "World Wide Web"),
    ('<phoneme ph="pɪˈkɑːn">pecan</phoneme>', "ipa", "pɪˈkɑːn"),
    ('<phoneme alphabet="x-sampa" ph=\'pI"kA:n\'>pecan</phoneme>', "ipa", "pɪˈkɑːn"),
    ('<w role="amazon:VBD">read</w>', "say_as", None),
]


@pytest.mark.parametrize(("ssml", "member", "value"), WORDS)
def test_words(ssml: str, member: str, value: object) -> None:
    assert getattr(only_run(ssml), member) == value


REFUSED = [
    ("<foo>x</foo>", "foo", 7),
    ("é<amazon:effect>x</amazon:effect>", "amazon:effect", 9),
    ("<emotion>x</emotion>", "emotion", 7),
    ('<break time="11s"/>x', "break", 7),
    ('<break time="-1s"/>x', "break", 7),
    ('<break time="1"/>x', "break", 7),
    ('<break strength="huge"/>x', "break", 7),
    ("<break>x</break>", "break", 7),
    ('<break time="1s"><p/></break>', "p", 24),
    ("<mark/>x", "mark", 7),
    ('<mark name=" "/>x', "mark", 7),
    ('<prosody rate="nan">x</prosody>', "prosody", 7),
    ('<prosody rate="inf">x</prosody>', "prosody", 7),
    ('<prosody rate="1e5">x</prosody>', "prosody", 7),
    ('<prosody rate="99999%">x</prosody>', "prosody", 7),
    ('<prosody rate="">x</prosody>', "prosody", 7),
    ('<prosody rate="٣">x</prosody>', "prosody", 7),
    ('<prosody pitch="200Hz">x</prosody>', "prosody", 7),
    ('<prosody volume="50">x</prosody>', "prosody", 7),
    ('<prosody contour="(0%,+1st)">x</prosody>', "prosody", 7),
    ('<prosody amazon:max-duration="2s">x</prosody>', "prosody", 7),
    ('<emphasis level="very">x</emphasis>', "emphasis", 7),
    ('<say-as interpret-as="poem">x</say-as>', "say-as", 7),
    ('<say-as interpret-as="date" format="abc">x</say-as>', "say-as", 7),
    ('<say-as interpret-as="digits" format="dmy">x</say-as>', "say-as", 7),
    ("<say-as>x</say-as>", "say-as", 7),
    ('<say-as interpret-as="date"> </say-as>', "say-as", 7),
    ('<say-as interpret-as="date"><break/></say-as>', "break", 35),
    ('<sub alias="">x</sub>', "sub", 7),
    (f'<sub alias="x">{"y" * 241}</sub>', "sub", 7),
    ('<phoneme alphabet="pinyin" ph="a">x</phoneme>', "phoneme", 7),
    ('<phoneme ph="p@">x</phoneme>', "phoneme", 7),
    ('<phoneme alphabet="x-sampa" ph="é">x</phoneme>', "phoneme", 7),
    ('<lang xml:lang="klingon tongue">x</lang>', "lang", 7),
    ('<voice name="../x">x</voice>', "voice", 7),
    ('<voice gender="male" name="x">x</voice>', "voice", 7),
    ('<w role="poet">x</w>', "w", 7),
    ('<mstts:express-as style="whispering">x</mstts:express-as>', "mstts:express-as", 7),
    ('<mstts:express-as style="sad" styledegree="3">x</mstts:express-as>', "mstts:express-as", 7),
    ('<mstts:express-as style="sad" role="Girl">x</mstts:express-as>', "mstts:express-as", 7),
    ('<amazon:emotion name="sad" intensity="0.5">x</amazon:emotion>', "amazon:emotion", 7),
    ("<p><p>x</p></p>", "p", 10),
    ("<s>a<p>x</p></s>", "p", 11),
    ("<speak>x</speak>", "speak", 7),
    ("<?php x ?>x", "php", 7),
    ("&nbsp;x", "speak", 7),
    ("a < b", "speak", 10),
    ("<p>x", "p", 13),
    ("x\x01", "speak", 8),
]


@pytest.mark.parametrize(("inner", "element", "position"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused(inner: str, element: str, position: int) -> None:
    with pytest.raises(InvalidMarkup) as caught:
        parse_ssml(f"<speak>{inner}</speak>")
    assert caught.value.extensions == {"position": position, "element": element}
    assert element in caught.value.detail or "well-formed" in caught.value.detail or "refused" in caught.value.detail
