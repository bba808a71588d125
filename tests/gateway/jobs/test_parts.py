"""A document in parts: all of it, in order, each part short."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.jobs import parts
from gateway.jobs.parts import cut
from shared.text.document import Document, Pause, Run, Sentence
from shared.text.parse import parse_ssml
from shared.text.pauses import PARAGRAPH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS
from shared.text.serialise import to_ssml


def sentence(characters: int, *, paragraph_end: bool = False) -> Sentence:
    text = ("word " * (characters // 5 + 1))[: characters - 1] + "." if characters else ""
    return Sentence((Run(text, tuple(range(len(text) + 1))),), 0, len(text), paragraph_end)


SENTENCES = st.builds(sentence, st.integers(0, 2_000), paragraph_end=st.booleans())
DOCUMENTS = st.lists(SENTENCES, min_size=1, max_size=30).map(lambda some: Document(tuple(some)))


def characters(document: Document) -> int:
    return sum(len(one.text) for one in document.sentences)


@settings(deadline=None)
@given(DOCUMENTS)
def test_the_parts_are_the_document_with_its_pauses_said(document: Document) -> None:
    cuts = cut(document)
    if len(cuts) == 1:
        assert cuts == [document]
        return
    for part in cuts[:-1]:
        *_, closing = part.sentences
        wanted = PARAGRAPH_PAUSE_SECONDS if closing.paragraph_end else SENTENCE_PAUSE_SECONDS
        assert closing.parts[-1] == Pause(wanted)
    assert cuts[-1].sentences[-1].parts[-1] == Pause(0.01)
    assert tuple(sentence for part in cuts for sentence in without_last_pause(part)) == document.sentences


def without_last_pause(part: Document) -> list[Sentence]:
    *others, last = part.sentences
    return [*others, Sentence(last.parts[:-1], last.start, last.end, last.paragraph_end)]


@settings(deadline=None)
@given(DOCUMENTS)
def test_no_part_is_longer_than_it_must_be_nor_shorter(document: Document) -> None:
    cuts = cut(document)
    for part in cuts:
        assert part.sentences
        assert characters(part) <= parts._CHARACTERS or len(part.sentences) == 1
    for part, following in pairwise(cuts):
        assert characters(part) + len(following.sentences[0].text) > parts._CHARACTERS


def test_a_short_document_stays_as_it_is() -> None:
    document = Document((sentence(100), sentence(200, paragraph_end=True)))
    assert cut(document) == [document]


@pytest.mark.parametrize("markup", ["<p>{}</p>", "{}", "<prosody rate='slow'>{}</prosody>"])
def test_each_part_is_markup_that_says_the_same(markup: str) -> None:
    text = " ".join(f"This is sentence number {number} of a text." for number in range(100))
    document = parse_ssml(f"<speak>{markup.format(text)}</speak>")
    cuts = cut(document)
    back = [parse_ssml(to_ssml(part)) for part in cuts]
    assert len(back) > 1
    assert [one.text for part in back for one in part.sentences] == [one.text for one in document.sentences]
    assert [part.sentences[-1].parts[-1] for part in back[:-1]] == [Pause(SENTENCE_PAUSE_SECONDS)] * (len(back) - 1)
