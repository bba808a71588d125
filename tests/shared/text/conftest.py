"""Text and markup that every parser must survive, and checks that hold for every document."""

from dataclasses import replace

import pytest

from shared.text.document import Document, Mark, Part, Run, Sentence


def _without_offsets(part: Part) -> Part:
    if isinstance(part, Run):
        return replace(part, offsets=())
    return replace(part, start=0, end=0) if isinstance(part, Mark) else part


def _stripped(document: Document) -> list[Sentence]:
    return [
        replace(sentence, parts=tuple(map(_without_offsets, sentence.parts)), start=0, end=0)
        for sentence in document.sentences
    ]


def _check_offsets(document: Document, text: str) -> None:
    raw = text.encode()
    last = 0
    for sentence in document.sentences:
        runs = [part for part in sentence.parts if isinstance(part, Run)]
        assert sentence.text.strip()
        assert last <= sentence.start < sentence.end <= len(raw)
        assert (sentence.start, sentence.end) == (runs[0].offsets[0], runs[-1].offsets[-1])
        for run in runs:
            assert len(run.offsets) == len(run.text) + 1
            for offset in run.offsets:
                assert last <= offset <= len(raw)
                last = offset
                raw[offset:].decode()


@pytest.fixture(scope="session")
def stripped():
    """Return a function that gives a document's sentences with all offsets taken out."""
    return _stripped


@pytest.fixture(scope="session")
def check_offsets():
    """Return a function that checks that all offsets are in range, sorted and at characters' boundaries."""
    return _check_offsets
