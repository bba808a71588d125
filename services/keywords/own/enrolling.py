"""An enrolment's way: recordings are decoded and seen by the network, a word is learned from them, and kept."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import UploadFile

from services.keywords.engine import KeywordEngine
from services.keywords.enrolment import FEWEST_TAKES, Enrolment, enrol
from services.keywords.models import Lease, Opened
from services.keywords.own.models import OwnModels
from services.keywords.own.recordings import LONGEST_SECONDS, take_of
from services.keywords.own.schemas import Enrolled, EnrolmentForm, OwnModel, Rejected, StoredKeyword
from services.keywords.settings import KeywordsSettings
from services.keywords.takes import Take
from shared.engines import EngineThreads
from shared.problems import InvalidInput, NotServed

_DECIMALS = 4


class Enrolling:
    """Enrols words."""

    def __init__(self, settings: KeywordsSettings, lease: Lease, own: OwnModels, threads: EngineThreads) -> None:
        self._settings = settings
        self._lease = lease
        self._own = own
        self._threads = threads
        self._limits = replace(settings.recording_limits, max_seconds=LONGEST_SECONDS)

    async def enrol(self, form: EnrolmentForm, caller: str) -> Enrolled:
        """Learn and keep a word. Raises InvalidInput, NotServed, StorageFull, and what decoding and storage raise."""
        async with self._lease(None, None) as opened:
            _require_new(form, opened, self._settings.model_names)
            await asyncio.to_thread(self._own.require_room, caller, form.name, form.keyword)
            takes, rejected = await self._takes(form.files, opened.engine)
            _require_enough(takes, rejected)
            found = await self._threads.run_engine(enrol, list(takes.values()), opened.engine.negatives)
        keyword = _described(form.keyword, opened.model, found)
        await asyncio.to_thread(self._own.put, caller, form.name, keyword)
        missed = [file for file, was_heard in zip(takes, found.heard, strict=True) if not was_heard]
        return Enrolled(**keyword.model_dump(), model=form.name, rejected=rejected, missed=missed)

    async def models(self, caller: str, name: str | None = None) -> list[OwnModel]:
        """Return the caller's models, or the one of that name. Raises ModelNotFound."""
        async with self._lease(None, None) as opened:
            base = opened.model
        if name is not None:
            found = [(name, await asyncio.to_thread(self._own.find, caller, name))]
        else:
            found = await asyncio.to_thread(list, self._own.page(caller))
        return [
            OwnModel(name=model, keywords=list(words), is_current={word.base_model for word in words} == {base})
            for model, words in found
        ]

    async def _takes(self, files: list[UploadFile], engine: KeywordEngine) -> tuple[dict[int, Take], list[Rejected]]:
        """Return what the recordings hold by their place in the form, one after another: other calls get their turn."""
        takes: dict[int, Take] = {}
        rejected = []
        for place, file in enumerate(files):
            found = await self._threads.run_engine(take_of, await file.read(), self._limits, engine)
            if isinstance(found, Take):
                takes[place] = found
            else:
                rejected.append(Rejected(file=place, reason=found))
        return takes, rejected


def _require_new(form: EnrolmentForm, opened: Opened, served: Collection[str]) -> None:
    """Raise unless the engine can learn words, and neither model nor word would stand for something else, too."""
    if not len(opened.engine.negatives):
        raise NotServed("The model that is served here cannot learn words.")
    if form.name in served:
        raise InvalidInput("A model that is served here has that name; choose another.", param="name")
    if form.keyword in opened.engine.labels:
        raise InvalidInput("The model that is served here knows that word already.", param="keyword")


def _require_enough(takes: dict[int, Take], rejected: list[Rejected]) -> None:
    if len(takes) < FEWEST_TAKES:
        detail = f"Only {len(takes)} of the recordings can be learned from; at least {FEWEST_TAKES} are needed."
        raise InvalidInput(detail, param="files", rejected=[one.model_dump() for one in rejected])


def _described(keyword: str, base_model: str, found: Enrolment) -> StoredKeyword:
    return StoredKeyword(
        keyword=keyword,
        created=datetime.now(UTC).replace(microsecond=0),
        base_model=base_model,
        recordings=len(found.heard),
        recall=round(sum(found.heard) / len(found.heard), _DECIMALS),
        false_accepts=round(found.false_accepts, _DECIMALS),
        threshold=round(found.thresholds.clip, _DECIMALS),
        stream_threshold=round(found.thresholds.stream, _DECIMALS),
        weights=found.scorer.weights.tolist(),
        bias=found.scorer.bias,
    )
