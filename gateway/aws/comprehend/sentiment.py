"""DetectSentiment and BatchDetectSentiment."""

from functools import partial

from gateway.aws.call import Call
from gateway.aws.comprehend.texts import SENTIMENT_BYTES, batch_of, require_english, require_text
from gateway.aws.writing import Members
from gateway.texts import feelings_of


async def detect_sentiment(call: Call) -> Members:
    """Answer for one text. Raises Fault, and what `feelings_of` raises."""
    require_english(call.parameters)
    text = require_text(call.parameters["Text"], SENTIMENT_BYTES)
    (found,) = await feelings_of(call.service("sentiment"), [text])
    return found.members


async def batch_detect_sentiment(call: Call) -> Members:
    """Answer for up to 25 texts. Raises as `detect_sentiment`."""
    require_english(call.parameters)
    ask = partial(feelings_of, call.service("sentiment"))
    return await batch_of(call, SENTIMENT_BYTES, ask, lambda found: found.members)
