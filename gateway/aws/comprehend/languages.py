"""DetectDominantLanguage and BatchDetectDominantLanguage."""

from functools import partial

from gateway.aws.call import Call
from gateway.aws.comprehend.texts import LANGUAGE_BYTES, SENTIMENT_BYTES, batch_of, require_text
from gateway.aws.writing import Members
from gateway.texts import Languages, languages_of


async def detect_dominant_language(call: Call) -> Members:
    """Answer for one text. Raises Fault, and what `languages_of` raises."""
    text = require_text(call.parameters["Text"], LANGUAGE_BYTES)
    (found,) = await languages_of(call.service("sentiment"), [text])
    return _members(found)


async def batch_detect_dominant_language(call: Call) -> Members:
    """Answer for up to 25 texts, of 5,000 bytes each as AWS has it. Raises as `detect_dominant_language`."""
    return await batch_of(call, SENTIMENT_BYTES, partial(languages_of, call.service("sentiment")), _members)


def _members(found: Languages) -> Members:
    return {"Languages": [{"LanguageCode": one.language, "Score": one.score} for one in found.languages]}
