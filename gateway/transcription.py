"""The models of the speech-to-text service: not all that the store has are opened, and some are in no store."""

import logging

from pydantic import ValidationError

from gateway.schemas import Model, ModelList
from gateway.upstream import Relayed, Service
from shared.problems import TimedOut, Unavailable

TRANSCRIPTION_TASK = "speech-to-text"

_log = logging.getLogger("timbre.models")


async def transcription_models(stt: Service) -> list[Model]:
    """Ask the service which it serves just now: none while it is down."""
    try:
        return ModelList.model_validate_json(await stt.get("/models")).data
    except (Relayed, Unavailable, TimedOut):
        return []
    except ValidationError:
        _log.error("the speech-to-text service listed its models in a form that is not understood")
        return []
