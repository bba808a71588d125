"""Transcripts of the pieces of a recording, to that of the whole."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.transcripts.transcript import Item, Passage, Transcript


def joined(pieces: Sequence[tuple[float, Transcript]]) -> Transcript:
    """Return the transcript of a recording from those of its pieces, each with where it begins, in seconds."""
    start, last = pieces[-1]
    first = pieces[0][1]
    return replace(
        first,
        passages=tuple(_moved(passage, start) for start, piece in pieces for passage in piece.passages),
        duration_seconds=start + last.duration_seconds,
        language=next((piece.language for _, piece in pieces if piece.language), None),
        warnings=tuple(dict.fromkeys(warning for _, piece in pieces for warning in piece.warnings)),
    )


def _moved(passage: Passage, seconds: float) -> Passage:
    items = tuple(_moved_item(item, seconds) for item in passage.items)
    return Passage(_later(passage.start_seconds, seconds), _later(passage.end_seconds, seconds), items)


def _moved_item(item: Item, seconds: float) -> Item:
    if item.start_seconds is None or item.end_seconds is None:
        return item
    return replace(
        item, start_seconds=_later(item.start_seconds, seconds), end_seconds=_later(item.end_seconds, seconds)
    )


def _later(moment: float, seconds: float) -> float:
    return round(moment + seconds, 3)
