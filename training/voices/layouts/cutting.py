"""Long utterances cut at their pauses."""

from collections.abc import Iterator, Sequence

from training.voices.layouts.textgrid import SpokenWord

LEAST_SECONDS, MOST_SECONDS = 2.0, 12.0
_SHORTEST_PAUSE_SECONDS = 0.1
EDGE_SECONDS = 0.15
"""How much of a pause is kept around what is said."""

Words = Sequence[SpokenWord]


def stretches(words: Words) -> Iterator[Words]:
    """Yield the words in stretches of 2 to 12 seconds, cut at the longest pauses; what cannot be cut so is left out."""
    seconds = _seconds(words)
    if LEAST_SECONDS <= seconds <= MOST_SECONDS:
        yield words
    elif seconds > MOST_SECONDS and (cut := _best_cut(words)):
        yield from stretches(words[:cut])
        yield from stretches(words[cut:])


def span(stretch: Words, words: Words, length_seconds: float) -> tuple[float, float]:
    """Return where the sound of a stretch of the words starts and ends, in seconds, with a little of the pauses."""
    first, last = words.index(stretch[0]), words.index(stretch[-1])
    start, end = stretch[0].start_seconds, stretch[-1].end_seconds
    before = words[first - 1].end_seconds if first else 0.0
    after = words[last + 1].start_seconds if last + 1 < len(words) else length_seconds
    return max(start - EDGE_SECONDS, (before + start) / 2), min(end + EDGE_SECONDS, (end + after) / 2)


def _seconds(words: Words) -> float:
    return words[-1].end_seconds - words[0].start_seconds if words else 0.0


def _best_cut(words: Words) -> int | None:
    """Return before which word the longest pause is that leaves enough on both sides."""
    cuts = [at for at in range(1, len(words)) if min(_seconds(words[:at]), _seconds(words[at:])) >= LEAST_SECONDS]
    pauses = {at: words[at].start_seconds - words[at - 1].end_seconds for at in cuts}
    best = max(pauses, key=pauses.__getitem__, default=None)
    return best if best is not None and pauses[best] >= _SHORTEST_PAUSE_SECONDS else None
