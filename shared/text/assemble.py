"""Put styled pieces of an input together into a document of sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from shared.problems import InvalidInput
from shared.text.document import Document, Mark, Part, Pause, Run, Sentence, Style
from shared.text.sentences import TIED, Span, capped_span, has_blank_line, split_sentences


@dataclass(slots=True)
class Block:
    """Pieces in speaking order, which no sentence leaves. A run's last offset is the end of its last character."""

    pieces: list[Part] = field(default_factory=list)
    is_one_sentence: bool = False
    ends_paragraph: bool = False


def assemble(blocks: Iterable[Block], language: str = "en") -> Document:
    """Return the document that the blocks make. Pauses and marks between sentences go to the one before.

    Raises InvalidInput if there is no text at all.
    """
    sentences: list[Sentence] = []
    waiting: tuple[Part, ...] = ()
    for block in blocks:
        parts = (*waiting, *join_runs(block.pieces))
        found = list(_sentences(parts, language, block.is_one_sentence))
        loose = () if found else tuple(part for part in parts if not isinstance(part, Run))
        sentences += found
        if sentences and (loose or block.ends_paragraph):
            last = sentences[-1]
            ends = last.paragraph_end or block.ends_paragraph
            sentences[-1] = replace(last, parts=last.parts + loose, paragraph_end=ends)
        waiting = () if sentences else loose
    if not sentences:
        raise InvalidInput("there is no text to speak; send at least one word", param="input")
    return Document(tuple(sentences))


def join_runs(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with neighbouring plain runs of one style joined into one, and without empty runs."""
    joined: list[Part] = []
    for style, group in groupby((part for part in parts if not isinstance(part, Run) or part.text), _style_if_plain):
        if style is None:
            joined += group
        else:
            joined.append(_joined([part for part in group if isinstance(part, Run)]))
    return tuple(joined)


def is_plain(run: Run) -> bool:
    """Say whether the run is text to be read as it stands, which may be cut and joined."""
    return run.say_as is None and run.alias is None and run.ipa is None


def _style_if_plain(part: Part) -> Style | None:
    return part.style if isinstance(part, Run) and is_plain(part) else None


def _joined(runs: list[Run]) -> Run:
    """Join runs whose texts are neighbours. White space takes up the markup before it, so that words end exactly."""
    offsets: list[int] = []
    for run in runs:
        end = offsets.pop() if offsets else run.offsets[0]
        offsets.append(end if run.text[0].isspace() else run.offsets[0])
        offsets += run.offsets[1:]
    return replace(runs[0], text="".join(run.text for run in runs), offsets=tuple(offsets))


def _sentences(parts: tuple[Part, ...], language: str, is_one_sentence: bool) -> Iterator[Sentence]:
    text = "".join(_splittable(part) for part in parts if isinstance(part, Run))
    spans = capped_span(text) if is_one_sentence else split_sentences(text, language)
    rest = iter(_cut_at([span.start for span in spans[1:]], parts))
    for index, span in enumerate(spans):
        is_last = index + 1 == len(spans)
        gap = "" if is_last else text[span.end : spans[index + 1].start]
        yield _sentence(next(rest), span, has_blank_line(gap))


def _splittable(run: Run) -> str:
    """Return the run's text as the splitter may see it: what is spoken as one word hides its stops and spaces."""
    if is_plain(run):
        return run.text
    return ("x" if run.text[0].islower() else "X") + TIED * (len(run.text) - 1)


Placed = tuple[int, Part]
"""A part and the position of its first character in the text of its block."""


def _cut_at(positions: list[int], parts: tuple[Part, ...]) -> Iterator[list[Placed]]:
    """Yield the parts before, between and after the positions. A pause or mark at a position comes before it."""
    group: list[Placed] = []
    cuts = iter([*positions, -1])
    cut = next(cuts)
    start = 0
    for part in parts:
        if not isinstance(part, Run):
            group.append((start, part))
            continue
        end = start + len(part.text)
        taken = start
        while taken <= cut < end:
            if cut > taken:
                group.append((taken, sliced(part, taken - start, cut - start)))
            yield group
            group, taken, cut = [], cut, next(cuts)
        group.append((taken, sliced(part, taken - start, len(part.text))))
        start = end
    yield group


def _sentence(placed: list[Placed], span: Span, ends_paragraph: bool) -> Sentence:
    trimmed = tuple(kept for start, part in placed if (kept := _within(start, part, span)) is not None)
    runs = [part for part in trimmed if isinstance(part, Run)]
    return Sentence(trimmed, runs[0].offsets[0], runs[-1].offsets[-1], ends_paragraph)


def _within(start: int, part: Part, span: Span) -> Part | None:
    """Return what of the part lies in the span."""
    if isinstance(part, Pause | Mark):
        return part
    first, last = max(span.start - start, 0), min(span.end - start, len(part.text))
    return sliced(part, first, last) if first < last else None


def sliced(run: Run, first: int, last: int) -> Run:
    """Return the run's characters from `first` to before `last`, with all that is said of them."""
    if first == 0 and last == len(run.text):
        return run
    return replace(run, text=run.text[first:last], offsets=run.offsets[first : last + 1])
