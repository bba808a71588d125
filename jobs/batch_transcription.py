"""Speech-to-text over a bucket as a job: its recordings are shared out, and workers on any machines do the shares."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import orjson

from gateway.jobs.batch_transcription_input import BatchTranscriptionInput
from gateway.jobs.results import Made, made
from gateway.jobs.running import Result, Running
from gateway.jobs.tools import Tools
from gateway.locations import require_allowed
from jobs.transcribe.bucket import Bucket, open_bucket
from jobs.transcribe.endings import ending_of
from jobs.transcribe.plan import planned, write_plan
from jobs.transcribe.waiting import with_reasons
from jobs.transcribing import transcribed

_PLAN, _SUMMARY = "plan.json", "summary.json"
_LEFT, _GONE = "left", "gone"
_STATES = ("done", "failed", _LEFT, _GONE)
_READERS = 16


class BatchTranscription:
    """Does the jobs of kind `batch-transcription`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._allowed = tools.settings.allowed_locations("batch_locations")

    async def run(self, job: Running, order: BatchTranscriptionInput) -> list[Made]:
        """Return the one result, how many recordings ended how. Raises what a step raised in the end.

        Each share goes on with what is left of the others, so one that can be done is enough.
        """
        plan = await job.step("plan", partial(self._plan, job, order))
        share = {"url": order.url, "options": order.options.model_dump(mode="json")}
        shares = [{**share, "child": number} for number in range(plan["parts"])]
        ended = await job.settled("transcribe", [partial(self._tools.shares.done, job, each) for each in shares])
        failures = [one for one in ended if isinstance(one, Exception)]
        if failures and len(failures) == len(ended):
            raise failures[0]
        summary = await job.step("count", partial(self._count, job, order, plan["refused"]))
        await job.step("tidy", partial(self._tidy, job))
        return [summary]

    async def share(self, order: Result) -> Result:
        """Do a share, and what others have left. Raises Forbidden, and what `transcribed` raises."""
        url = await asyncio.to_thread(require_allowed, order["url"], self._allowed)
        return dict(await transcribed({**order, "url": url}))

    async def _plan(self, job: Running, order: BatchTranscriptionInput) -> Result:
        """Share out what waits, and keep which versions these are: they alone are counted in the end."""
        return await asyncio.to_thread(self._planned, job, order)

    def _planned(self, job: Running, order: BatchTranscriptionInput) -> Result:
        bucket = self._bucket(order)
        waiting = with_reasons(bucket)
        shares = planned(bucket, waiting.recordings, order.children)
        versions = {info.key: info.etag for info in waiting.recordings}
        self._tools.objects.put(job.folder + _PLAN, orjson.dumps(versions))
        write_plan(bucket, shares)
        return {"parts": len(shares), "refused": len(waiting.refused)}

    async def _count(self, job: Running, order: BatchTranscriptionInput, refused: int) -> Made:
        return await asyncio.to_thread(self._counted, job, order, refused)

    def _counted(self, job: Running, order: BatchTranscriptionInput, refused: int) -> Made:
        """Look where the recordings are: what the shares tell is not all, where one of them died."""
        versions = orjson.loads(self._tools.objects.get(job.folder + _PLAN))
        states = _states(self._bucket(order), versions)
        by_state = {state: states[state] for state in _STATES}
        content = orjson.dumps({"recordings": len(versions), **by_state, "refused": refused})
        self._tools.objects.put(job.folder + _SUMMARY, content)
        return made(job, "summary", _SUMMARY, "application/json", len(content))

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the result needed."""
        await asyncio.to_thread(self._tools.objects.delete, job.folder + _PLAN)
        return {}

    def _bucket(self, order: BatchTranscriptionInput) -> Bucket:
        return open_bucket(require_allowed(order.url, self._allowed))


def _states(bucket: Bucket, versions: dict[str, str]) -> Counter[str]:
    """Return how many ended how, of versions of recordings, etags by key. Others of the same name say nothing."""
    waiting = {info.key for info in bucket.inputs()}

    def state(key: str) -> str:
        return _LEFT if key in waiting else ending_of(bucket.objects, key, versions[key]) or _GONE

    with ThreadPoolExecutor(_READERS) as readers:
        return Counter(readers.map(state, versions))
