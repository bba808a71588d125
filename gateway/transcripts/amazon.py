"""A transcript as Amazon Transcribe writes it: numbers as strings, marks as items without times."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from gateway.transcripts.amazon_languages import code_of
from gateway.transcripts.transcript import Item, Transcript

_UNKNOWN = "0.0"
"""How sure anybody is of marks, and of words where the model does not say."""


@dataclass(frozen=True, slots=True)
class AmazonJob:
    """What such a document tells of its job."""

    name: str
    account_id: str
    language_codes: tuple[str, ...] | None
    """Where the language was to be found out: what it may be called; None where it was told."""


def amazon_document(transcript: Transcript, job: AmazonJob) -> dict[str, Any]:
    """Return the document."""
    numbers = count()
    passages = [[(next(numbers), item) for item in passage.items] for passage in transcript.passages]
    results: dict[str, Any] = {
        **_identified(transcript, job),
        "transcripts": [{"transcript": transcript.text}],
        "items": [_item(number, item) for passage in passages for number, item in passage],
        "audio_segments": [
            {
                "id": number,
                "transcript": transcript.text_of(passage),
                "start_time": _seconds(passage.start_seconds),
                "end_time": _seconds(passage.end_seconds),
                "items": [item for item, _ in numbered],
            }
            for number, (passage, numbered) in enumerate(zip(transcript.passages, passages, strict=True))
        ],
    }
    warnings = {"warnings": list(transcript.warnings)} if transcript.warnings else {}
    return {"jobName": job.name, "accountId": job.account_id, "status": "COMPLETED", "results": results, **warnings}


def _identified(transcript: Transcript, job: AmazonJob) -> dict[str, Any]:
    if job.language_codes is None or not transcript.language:
        return {}
    return {"language_code": code_of(transcript.language, job.language_codes)}


def _item(number: int, item: Item) -> dict[str, Any]:
    return {"id": number, **dict(_members(item))}


def _members(item: Item) -> Iterator[tuple[str, Any]]:
    yield "type", "pronunciation" if item.is_word else "punctuation"
    yield "alternatives", [{"confidence": _confidence(item), "content": item.text}]
    if item.start_seconds is not None and item.end_seconds is not None:
        yield "start_time", _seconds(item.start_seconds)
        yield "end_time", _seconds(item.end_seconds)
    if item.is_filtered:
        yield "vocabularyFilterMatch", True


def _confidence(item: Item) -> str:
    return _UNKNOWN if item.probability is None else f"{item.probability:.3f}"


def _seconds(seconds: float) -> str:
    return str(round(seconds, 3))
