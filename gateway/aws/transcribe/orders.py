"""A transcription job as Transcribe's clients ask for it, to the order of a job of ours."""

import asyncio
from typing import Any

from pydantic import ValidationError

from gateway.aws.call import ACCOUNT, Call
from gateway.aws.transcribe.languages import languages_in, model_for
from gateway.aws.transcribe.media import place_of
from gateway.aws.transcribe.refusals import require_possible_job
from gateway.aws.transcribe.word_lists import FILTERS, VOCABULARIES, WordList
from gateway.jobs.schemas import JobRequest
from gateway.jobs.transcription_input import TranscriptionInput
from gateway.transcription import opened_models
from gateway.transcripts.amazon_languages import language_of
from shared.problems import InvalidInput

_JSON = ".json"


async def order_of(call: Call) -> JobRequest:
    """Return the order. Raises InvalidInput for what Timbre does not do, and for what contradicts itself."""
    given = call.parameters
    require_possible_job(given)
    code, options = languages_in(given)
    wanted = given.get("ModelSettings", {}).get("LanguageModelName")
    order = {
        "url": place_of(given["Media"]["MediaFileUri"]),
        "media_format": given.get("MediaFormat"),
        "sample_rate_hz": given.get("MediaSampleRateHertz"),
        "model": model_for(await opened_models(call.service("stt")), wanted, code, options),
        "language": language_of(code) if code else None,
        "languages": [language_of(option) for option in options],
        **await asyncio.to_thread(_words, call, given.get("Settings", {}), code),
        "subtitles": _subtitles(given.get("Subtitles", {})),
        "output": _output(given),
        "amazon": {
            "name": given["TranscriptionJobName"],
            "account_id": ACCOUNT,
            "language_codes": None if code else options,
        },
    }
    try:
        understood = TranscriptionInput.model_validate(order)
    except ValidationError as error:
        raise InvalidInput(f"The job is not possible: {error.errors()[0]['msg']}.") from error
    return JobRequest(kind="transcription", input=understood.model_dump(mode="json"))


def _words(call: Call, settings: dict[str, Any], code: str | None) -> dict[str, Any]:
    """Return the words that are likelier, and those that are filtered, as they are now."""
    name, method = settings.get("VocabularyFilterName"), settings.get("VocabularyFilterMethod")
    if method and not name:
        raise InvalidInput("VocabularyFilterMethod goes with a VocabularyFilterName.", param="Settings")
    words = _listed(FILTERS, call, name, code) if name else []
    vocabulary = settings.get("VocabularyName")
    return {
        "keywords": _listed(VOCABULARIES, call, vocabulary, code) if vocabulary else [],
        "filter": {"words": words, "method": method or "mask"} if words else None,
    }


def _listed(kind: WordList, call: Call, name: str, code: str | None) -> list[str]:
    found = kind.usable(call.state["objects"], call.caller, name)
    if code and language_of(found["LanguageCode"]) != language_of(code):
        raise InvalidInput(f"The {kind.title} is for another language than the job.", param="Settings")
    return list(found[kind.words])


def _subtitles(given: dict[str, Any]) -> dict[str, Any] | None:
    formats = list(dict.fromkeys(given.get("Formats", [])))
    return {"formats": formats, "first_number": given.get("OutputStartIndex", 0)} if formats else None


def _output(given: dict[str, Any]) -> str | None:
    """Return where the transcript goes: a key that ends in .json is its name, any other a folder."""
    bucket, key, name = given.get("OutputBucketName"), given.get("OutputKey", ""), given["TranscriptionJobName"]
    if not bucket:
        if key:
            raise InvalidInput("OutputKey goes with an OutputBucketName.", param="OutputKey")
        return None
    if not key.endswith(_JSON):
        key = f"{key.rstrip('/')}/{name}{_JSON}" if key else f"{name}{_JSON}"
    return f"s3://{bucket}/{key}"
