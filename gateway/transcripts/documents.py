"""The forms in which transcripts are kept: Timbre's own, subtitles, and (in `amazon`) Amazon Transcribe's."""

from collections.abc import Iterator
from typing import Any

from gateway.transcripts.transcript import Item, Transcript
from shared.subtitles import Cue

_DECIMALS = 3


def document(transcript: Transcript) -> dict[str, Any]:
    """Return the transcript as Timbre's calls tell it: OpenAI's `verbose_json`, with the code of the language."""
    return {
        "model": transcript.model,
        "language": transcript.language,
        "duration": transcript.duration_seconds,
        "text": transcript.text,
        "segments": [
            {
                "id": number,
                "start": passage.start_seconds,
                "end": passage.end_seconds,
                "text": transcript.text_of(passage),
            }
            for number, passage in enumerate(transcript.passages)
        ],
        "words": [_word(item) for item in transcript.words],
        "warnings": list(transcript.warnings),
    }


def cues(transcript: Transcript) -> Iterator[Cue]:
    """Yield a cue for each passage."""
    return (
        Cue(passage.start_seconds, passage.end_seconds, transcript.text_of(passage)) for passage in transcript.passages
    )


def _word(item: Item) -> dict[str, Any]:
    told = {"word": item.text, "start": item.start_seconds, "end": item.end_seconds}
    sure = {} if item.probability is None else {"probability": round(item.probability, _DECIMALS)}
    return {**told, **sure, **({"filtered": True} if item.is_filtered else {})}
