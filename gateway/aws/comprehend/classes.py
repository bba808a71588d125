"""ClassifyDocument: the emotions of a text, by the endpoints of `endpoints.py`."""

from collections.abc import Sequence
from typing import Any

from gateway.aws.call import Call
from gateway.aws.comprehend.endpoints import Endpoint, endpoint_at, unknown_endpoint
from gateway.aws.comprehend.texts import CLASSIFIED_BYTES, require_text
from gateway.aws.faults import Fault
from gateway.aws.writing import Members
from gateway.texts import Sentence, feelings_of

_DECIMALS = 4
_PAGE = 1
"""A text has no pages; AWS counts it as one."""


async def classify_document(call: Call) -> Members:
    """Answer with classes or labels, the likeliest first. Raises Fault, and what `feelings_of` raises."""
    endpoint = endpoint_at(call.parameters["EndpointArn"])
    if endpoint is None:
        raise unknown_endpoint("ResourceUnavailableException")
    text = require_text(_text(call.parameters), CLASSIFIED_BYTES)
    (found,) = await feelings_of(call.service("sentiment"), [text], endpoint.labels)
    return {**_emotions(endpoint, found.sentences), **(_facts(text) if "Bytes" in call.parameters else {})}


def _text(parameters: dict[str, Any]) -> str:
    if ("Text" in parameters) == ("Bytes" in parameters):
        raise Fault("InvalidRequestException", "Give exactly one of Text and Bytes.")
    if "Text" in parameters:
        return str(parameters["Text"])
    try:
        return bytes(parameters["Bytes"]).decode()
    except UnicodeDecodeError as error:
        raise Fault(
            "InvalidRequestException", "Bytes must be text in UTF-8; PDF, Word and images are not read."
        ) from error


def _emotions(endpoint: Endpoint, sentences: Sequence[Sentence]) -> Members:
    """Return the emotions of all sentences: one class is the mean by length, a label is what any of them has."""
    names = list(sentences[0].scores)
    if endpoint.is_multi_label:
        return {"Labels": _sorted({name: max(one.scores[name] for one in sentences) for name in names})}
    lengths = [len(one.text) for one in sentences]
    weighted = {
        name: sum(one.scores[name] * length for one, length in zip(sentences, lengths, strict=True)) / sum(lengths)
        for name in names
    }
    return {"Classes": _sorted(weighted)}


def _sorted(scores: dict[str, float]) -> list[Members]:
    ordered = sorted(scores.items(), key=lambda each: -each[1])
    return [{"Name": name, "Score": round(score, _DECIMALS)} for name, score in ordered]


def _facts(text: str) -> Members:
    """Return what AWS tells of a document that came as a file."""
    return {
        "DocumentMetadata": {"Pages": _PAGE, "ExtractedCharacters": [{"Page": _PAGE, "Count": len(text)}]},
        "DocumentType": [{"Page": _PAGE, "Type": "PLAIN_TEXT"}],
    }
