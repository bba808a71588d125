"""The speech engine that listens: the one that the service is set up with, or a model of the store."""

import asyncio

from services.stt.engine import SpeechEngine
from services.stt.models import started_models
from services.stt.settings import SttSettings
from shared.problems import InvalidInput
from training.voices.check.report import Report, listened

_NEVER_SECONDS = 1e9


def with_heard(report: Report, model: str, language: str, most: int | None, threads: int) -> Report:
    """Return the report with what an engine hears in so many recordings, or in all; as it is where none can listen.

    `model` is a name in the store; empty for what the environment's settings (TIMBRE_STT_MODEL, TIMBRE_STT_ENGINE)
    name. Raises what the store raises for a model that it does not have, InvalidInput for an unknown engine.
    """
    return asyncio.run(_with_heard(report, model, language.partition("-")[0].lower(), most, threads))


async def _with_heard(report: Report, model: str, language: str, most: int | None, threads: int) -> Report:
    settings = SttSettings()
    one = {"stt_model": model or settings.stt_model, "stt_further_models": "", "models_poll_seconds": _NEVER_SECONDS}
    try:
        async with started_models(settings.model_copy(update=one)) as lease:
            with lease(None) as opened:
                if not _knows(opened.engine, language):
                    return report
                return await asyncio.to_thread(listened, report, opened.engine, language, most, threads)
    except LookupError as error:
        raise InvalidInput(str(error)) from error


def _knows(engine: SpeechEngine, language: str) -> bool:
    return not engine.abilities.languages or language in engine.abilities.languages
