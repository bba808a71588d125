"""Texts as calls bring them: their sizes, and what is said of those of a batch that cannot be answered."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.writing import Members

SENTIMENT_BYTES = 5_000
LANGUAGE_BYTES = 100_000
CLASSIFIED_BYTES = 10_000
"""Comprehend's own limits of one text, in UTF-8."""
MOST_TEXTS = 25

T = TypeVar("T")


def require_text(text: str, most_bytes: int) -> str:
    """Return a text that can be answered. Raises Fault."""
    if fault := _fault_of(text, most_bytes):
        raise fault
    return text


def require_english(parameters: Mapping[str, Any], code: str = "UnsupportedLanguageException") -> None:
    """Raise Fault for texts that are said to be in a language whose sentiment is not known here."""
    if parameters["LanguageCode"] != "en":
        raise Fault(code, "This language is not served: LanguageCode must be en (English).")


async def batch_of(
    call: Call, most_bytes: int, ask: Callable[[Sequence[str]], Awaitable[Sequence[T]]], told: Callable[[T], Members]
) -> Members:
    """Answer the texts of a batch in one call; those that cannot be answered are told beside. Raises Fault."""
    texts: list[str] = call.parameters["TextList"]
    if len(texts) > MOST_TEXTS:
        raise Fault(
            "BatchSizeLimitExceededException", f"A batch has at most {MOST_TEXTS} texts; this has {len(texts)}."
        )
    faults = {index: fault for index, text in enumerate(texts) if (fault := _fault_of(text, most_bytes))}
    good = [index for index in range(len(texts)) if index not in faults]
    answers = await ask([texts[index] for index in good])
    return {
        "ResultList": [{"Index": index, **told(answer)} for index, answer in zip(good, answers, strict=True)],
        "ErrorList": list(_errors(faults.items())),
    }


def _errors(faults: Iterable[tuple[int, Fault]]) -> Iterable[Members]:
    return ({"Index": index, "ErrorCode": fault.code, "ErrorMessage": fault.message} for index, fault in faults)


def _fault_of(text: str, most_bytes: int) -> Fault | None:
    size_bytes = len(text.encode())
    if size_bytes > most_bytes:
        return Fault(
            "TextSizeLimitExceededException",
            f"Input text size exceeds limit. Max length of request text allowed is {most_bytes} bytes while in this "
            f"request the text size is {size_bytes} bytes",
        )
    return None if text.strip() else Fault("InvalidRequestException", "The text is blank.")
