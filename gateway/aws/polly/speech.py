"""Speech at once."""

from typing import Final

from fastapi.responses import StreamingResponse

from gateway.aws.call import Call
from gateway.aws.polly.orders import MARKS, Limits, order_of
from gateway.aws.polly.voices import known_voices
from gateway.delivery import Sound
from shared.streaming import started

_LIMITS: Final = Limits(total=6_000, billed=3_000)


async def synthesize_speech(call: Call) -> StreamingResponse:
    """Speak a text, or tell its marks; the answer streams as it is made."""
    order = order_of(call.parameters, await known_voices(call), _LIMITS)
    body = {"input": call.parameters["Text"], **order.body()}
    sound = Sound(call.service("tts"), body, may_be_empty=order.format.ours == MARKS)
    stream = await started(call.request, sound.chunks())
    headers = {**sound.headers, "x-amzn-RequestCharacters": str(order.characters)}
    return StreamingResponse(stream, headers=headers, media_type=sound.media_type)
