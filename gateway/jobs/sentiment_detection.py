"""Sentiments of all texts in a bucket as a job: read in parts, asked part by part, and written as Comprehend does."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import orjson

from gateway.jobs.archive import archived
from gateway.jobs.documents import FAULTS, Document, parts_of, read
from gateway.jobs.results import Made, made
from gateway.jobs.running import Result, Running
from gateway.jobs.sentiment_detection_input import SentimentDetectionInput, result_of
from gateway.jobs.tools import Tools
from gateway.places import Found, found_at, place_at
from gateway.stored import our_own
from gateway.texts import Feelings, feelings_of
from shared.problems import InvalidInput

_PARTS, _SUMMARY = "parts/", "summary.json"
_READERS = 16


class SentimentDetection:
    """Does the jobs of kind `sentiment-detection`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._objects = tools.objects

    async def run(self, job: Running, order: SentimentDetectionInput) -> list[Made]:
        """Return the one result, a summary; the sentiments lie where the caller wants them. Raises what a step raised
        in the end."""
        found = await asyncio.to_thread(found_at, order.url, self._tools.settings, "media_locations")
        plan = await job.step("read", partial(self._read, job, found, order))
        detect = [partial(self._detect, job, found, number) for number in range(plan["parts"])]
        counts = await job.steps("detect", detect, self._tools.settings.parts_at_once)
        summary = await job.step("join", partial(self._join, job, order, counts))
        await job.step("tidy", partial(self._tidy, job))
        return [summary]

    async def _read(self, job: Running, found: Found, order: SentimentDetectionInput) -> Result:
        return {"parts": await asyncio.to_thread(self._kept, job, found, order)}

    def _kept(self, job: Running, found: Found, order: SentimentDetectionInput) -> int:
        """Keep all texts in parts, so that each is asked about once, and no file is read from its beginning again."""
        count = 0
        for count, part in enumerate(parts_of(found, order.document), 1):
            self._objects.put(job.folder + _texts(count - 1), orjson.dumps(part))
        if not count:
            raise InvalidInput("There is nothing to read at that place.", param="input.url")
        return count

    async def _detect(self, job: Running, found: Found, number: int) -> Result:
        documents = await asyncio.to_thread(self._loaded, job, found, number)
        good = [one for one in documents if one.text is not None]
        felt = await feelings_of(self._tools.sentiment(job), [one.text or "" for one in good])
        content = _written(documents, dict(zip(good, felt, strict=True)))
        await asyncio.to_thread(self._objects.put, job.folder + _lines(number), content)
        return {"documents": len(documents), "failed": len(documents) - len(good)}

    def _loaded(self, job: Running, found: Found, number: int) -> list[Document]:
        with our_own():
            kept = orjson.loads(self._objects.get(job.folder + _texts(number)))
        with ThreadPoolExecutor(_READERS) as readers:
            return list(readers.map(partial(read, found), (Document(**one) for one in kept)))

    async def _join(self, job: Running, order: SentimentDetectionInput, counts: Sequence[Result]) -> Made:
        return await asyncio.to_thread(self._joined, job, order, counts)

    def _joined(self, job: Running, order: SentimentDetectionInput, counts: Sequence[Result]) -> Made:
        output = result_of(order.output, job.id)
        place = place_at(output, self._tools.settings, "output_locations")
        with archived(self._objects, [job.folder + _lines(number) for number in range(len(counts))], "output") as file:
            place.objects.put(place.key, file)
        totals = {name: sum(one[name] for one in counts) for name in ("documents", "failed")}
        content = orjson.dumps({**totals, "output": output})
        self._objects.put(job.folder + _SUMMARY, content)
        return made(job, "summary", _SUMMARY, "application/json", len(content))

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the result needed."""
        await asyncio.to_thread(self._objects.delete_all, f"{job.folder}{_PARTS}")
        return {}


def _written(documents: Sequence[Document], felt: dict[Document, Feelings]) -> bytes:
    return b"".join(orjson.dumps(_line(one, felt.get(one))) + b"\n" for one in documents)


def _line(document: Document, felt: Feelings | None) -> dict[str, Any]:
    """Return what Comprehend writes of one text."""
    place = {"File": document.file, **({} if document.line is None else {"Line": document.line})}
    if felt:
        return {**place, **felt.members}
    fault = document.fault or "InternalServerException"
    return {**place, "ErrorCode": fault, "ErrorMessage": FAULTS[fault]}


def _texts(number: int) -> str:
    return f"{_PARTS}{number:06}.json"


def _lines(number: int) -> str:
    return f"{_PARTS}{number:06}.jsonl"
