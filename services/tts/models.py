"""The store's models of voices: found, opened, changed and given up while the service runs."""

import asyncio
import logging
from functools import partial

from prometheus_client import Gauge

from services.tts.network import TASK
from services.tts.settings import TTSSettings
from services.tts.trained_voices import VoiceModel, open_model
from shared.background import ended
from shared.metrics import Metrics
from shared.problems import ModelCorrupt, ModelNotFound, Problem
from shared.served import served_model, store_of
from shared.store import Served

_log = logging.getLogger(__name__)
_Versions = dict[str, str]
_Broken = dict[str, Problem]


class VoiceModels:
    """Looks at the store every `models_poll_seconds`, and opens what is new there, each model beside the others.

    A model that is missing, damaged or refused is logged, counted and tried again after growing pauses, and harms
    neither the others nor the start; nor does a store that cannot be reached.
    """

    def __init__(self, settings: TTSSettings, metrics: Metrics) -> None:
        self.opened: tuple[VoiceModel, ...] = ()
        """Those that can speak now, by name; the same object for as long as they are the same."""
        self._settings = settings
        self._store = store_of(settings)
        self._served: dict[str, Served[VoiceModel]] = {}
        self._work: dict[str, asyncio.Task[None]] = {}
        self._tasks: dict[tuple[str, str], str] = {}
        self._wanted: _Versions = {}
        self._broken: _Broken = {}
        self._failed: set[str] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._states = Gauge(
            "timbre_voice_models", "Models of voices in the store, by state.", ("state",), registry=metrics.registry
        )

    async def start(self) -> None:
        """Open what is there, and begin to watch the store."""
        await self._look()
        await self._all_done()
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Give up all models; who speaks with one goes on."""
        if self._watcher:
            await ended(self._watcher)
        await self._all_done()
        await asyncio.gather(*(served.stop() for served in self._served.values()))

    async def _all_done(self) -> None:
        while self._work:
            await asyncio.wait(self._work.values())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.models_poll_seconds)
            await self._look()

    async def _look(self) -> None:
        try:
            self._wanted, broken = await asyncio.to_thread(self._listed)
        except Problem as problem:
            _log.error("models of voices cannot be listed", exc_info=problem)
            return
        for name in broken.keys() - self._broken.keys():
            _log.error("model left out", extra={"model": name}, exc_info=broken[name])
        self._broken = broken
        for name in (self._gone() | self._changing()) - self._work.keys():
            self._work[name] = asyncio.create_task(self._care_for(name))
            self._work[name].add_done_callback(partial(self._done, name))
        self._tell()

    def _gone(self) -> set[str]:
        """Return the models that are to be given up: not those whose manifest is broken, which stay as they are."""
        return self._served.keys() - self._wanted.keys() - self._broken.keys()

    def _changing(self) -> set[str]:
        """Return the models whose version in use is not the one that is open."""
        return {
            name
            for name, version in self._wanted.items()
            if name not in self._served or self._served[name].version != version
        }

    def _listed(self) -> tuple[_Versions, _Broken]:
        """Return the versions in use of all models of voices, and of which models nobody can tell whether they are."""
        wanted: _Versions = {}
        broken: _Broken = {}
        tasks: dict[tuple[str, str], str] = {}
        for info in self._store.list():
            try:
                version = info.current or self._store.version_in_use(info.name)
                tasks[info.name, version] = self._task_of(info.name, version)
            except (ModelCorrupt, ModelNotFound) as problem:
                broken[info.name] = problem
            else:
                wanted |= {info.name: version} if tasks[info.name, version] == TASK else {}
        self._tasks = tasks
        return wanted, broken

    def _task_of(self, name: str, version: str) -> str:
        """Return what a model is for; versions never change, so that each manifest is read once."""
        return self._tasks.get((name, version)) or self._store.manifest(name, version).task

    async def _care_for(self, name: str) -> None:
        """Open a model, change to another version of it, or give it up, as the store has it."""
        if name in self._gone():
            _log.info("model given up", extra={"model": name})
            await self._served.pop(name).stop()
        else:
            await self._served.setdefault(name, self._new(name)).refresh()

    def _new(self, name: str) -> Served[VoiceModel]:
        opening = partial(open_model, self._settings.tts_threads)
        return served_model(self._settings, self._store, name, opening)

    def _done(self, name: str, _: object) -> None:
        del self._work[name]
        self._failed |= {name} & self._changing()
        self._tell()

    def _tell(self) -> None:
        opened = tuple(_engine(served) for _, served in sorted(self._served.items()) if served.version)
        if list(map(id, opened)) != list(map(id, self.opened)):
            self.opened = opened
        self._states.labels("open").set(len(opened))
        self._failed &= self._changing()
        self._states.labels("failed").set(len(self._failed | self._broken.keys()))


def _engine(served: Served[VoiceModel]) -> VoiceModel:
    with served.lease() as (_, model):
        return model
