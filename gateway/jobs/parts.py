"""A document cut into parts that are spoken one by one, each a short piece of work that can be made again."""

from collections.abc import Iterator
from dataclasses import replace

from shared.text.document import Document, Pause, Run, Sentence
from shared.text.pauses import pause_after

_CHARACTERS = 800
"""About a minute of sound: soon made again after a crash, and long enough that its bookkeeping does not count."""


def cut(document: Document) -> list[Document]:
    """Return the parts in order; together they sound as the whole does."""
    groups = list(_groups(document))
    return [Document(tuple(_with_pause(group))) for group in groups[:-1]] + [Document(tuple(groups[-1]))]


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


def _with_pause(group: list[Sentence]) -> list[Sentence]:
    """Say aloud the pause that would follow if the part were not the last of its request."""
    *others, last = group
    pause = Pause(pause_after(paragraph_end=last.paragraph_end, is_last=False))
    return [*others, replace(last, parts=(*last.parts, pause))]
