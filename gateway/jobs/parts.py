"""A document cut into parts that are spoken one by one, each a short piece of work that can be made again."""

from collections.abc import Iterator
from dataclasses import replace

from shared.text.document import Document, Pause, Run, Sentence
from shared.text.pauses import pause_after

_CHARACTERS = 800
"""About a minute of sound: soon made again after a crash, and long enough that its bookkeeping does not count."""
_END_SECONDS = 0.01
"""Silence behind the last of several parts: it may hold nothing that is spoken, such as a row of stars."""


def cut(document: Document) -> list[Document]:
    """Return the parts in order; together they sound as the whole does."""
    *others, last = _groups(document)
    if not others:
        return [document]
    return [*(_ending(group, _pause_after(group)) for group in others), _ending(last, _END_SECONDS)]


def _groups(document: Document) -> Iterator[list[Sentence]]:
    group: list[Sentence] = []
    characters = 0
    for sentence in document.sentences:
        length = sum(len(part.text) for part in sentence.parts if isinstance(part, Run))
        if group and characters + length > _CHARACTERS:
            yield group
            group, characters = [], 0
        group.append(sentence)
        characters += length
    yield group


def _pause_after(group: list[Sentence]) -> float:
    """Return the pause that would follow if the part were not the last of its request."""
    return pause_after(paragraph_end=group[-1].paragraph_end, is_last=False)


def _ending(group: list[Sentence], pause_seconds: float) -> Document:
    """Return the part with its pause said aloud, so that every part makes a sound."""
    *others, last = group
    return Document((*others, replace(last, parts=(*last.parts, Pause(pause_seconds)))))
