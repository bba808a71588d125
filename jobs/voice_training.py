"""A voice of recordings, as a job: the recipe training/voices/run.sh, step by step, in a process of its own."""

import asyncio
import os
import re
import shutil
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from gateway.jobs.kinds import KINDS
from gateway.jobs.results import Made, made
from gateway.jobs.running import Result, Running
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.tools import Tools
from gateway.jobs.voice_training_input import VoiceTrainingInput
from gateway.locations import require_allowed
from jobs.leashed import LOG
from shared.objects.atomic import WRITING, reported
from shared.problems import EngineFailed, InvalidInput

_ROOT: Final = Path(__file__).parents[1]
_RECIPE: Final = _ROOT / "training" / "voices" / "run.sh"
_CHECK: Final = "check.json"
_RESULTS: Final = {
    "check": (_CHECK, "application/json"),
    "figures": ("evaluation/figures.json", "application/json"),
}
_UNSET: Final = (
    *("BASE", "BATCH", "CONSENT_FILE", "EPOCH_STEPS", "FACTS", "LISTEN", "SIZE", "THREADS"),
    *("UNCHECKED", "UNPOINTED", "VERSION"),
)
"""What a job does not tell the recipe."""
_GRACE_SECONDS = 15.0
_TAIL_BYTES, _MOST_CHARACTERS = 4_096, 600
_IN_WORDS = re.compile(r"[A-Z][A-Za-z ,']+: \S.*", re.DOTALL)
"""How a command says why it could not, in its last lines; what else is there is for the operator."""


class VoiceTraining:
    """Does the jobs of kind `voice-training`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def run(self, job: Running, order: VoiceTrainingInput) -> list[Made]:
        """Return what was found of the recordings and of the voice. Raises what a step raised in the end."""
        for step in KINDS["voice-training"].phases:
            await job.step(step, partial(self._done, job, order, step))
        kept = await job.step("keep", partial(self._kept, job))
        await job.step("tidy", partial(self._tidy, job))
        return [dict(one) for one in kept["made"]]

    async def _done(self, job: Running, order: VoiceTrainingInput, step: str) -> Result:
        """Do a step of the recipe, or what is left of it. Raises Forbidden, InvalidInput, EngineFailed, StorageFull."""
        allowed = self._tools.settings.allowed_locations("voice_training_locations")
        data = await asyncio.to_thread(require_allowed, order.url, allowed)
        folder = self._folder(job)
        with reported(WRITING):
            folder.mkdir(parents=True, exist_ok=True)
        settings = {**recipe_settings(self._tools.settings, order), "PARTS": step}
        status = await _ended([str(_RECIPE), data, str(folder / "out")], folder, settings)
        if status:
            raise await asyncio.to_thread(_why, folder)
        return {}

    async def _kept(self, job: Running) -> Result:
        """Keep what is told of the job's outcome. Raises StorageFull, Unavailable."""
        return {"made": await asyncio.to_thread(self._keep, job)}

    def _keep(self, job: Running) -> list[Made]:
        kept = []
        for name, (file, media_type) in _RESULTS.items():
            path = self._folder(job) / "out" / file
            if path.exists():
                self._tools.objects.put(f"{job.folder}{path.name}", path)
                kept.append(made(job, name, path.name, media_type, path.stat().st_size))
        return kept

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the voice needed."""
        await asyncio.to_thread(shutil.rmtree, self._folder(job), ignore_errors=True)
        return {}

    def _folder(self, job: Running) -> Path:
        return Path(self._tools.settings.voice_training_folder).absolute() / job.id


def recipe_settings(own: WorkerSettings, order: VoiceTrainingInput) -> dict[str, str]:
    """Return all that the recipe reads from its environment but PARTS; nothing of the worker's own gets there."""
    consent = order.consent
    models = own.models if "://" in own.models else str(Path(own.models).absolute())
    told = {
        "NAME": order.name,
        "CONSENT": consent.statement,
        "SPEAKER": consent.speaker,
        "CONSENT_DATE": consent.given_on.isoformat() if consent.given_on else None,
        "CONSENT_RECORD": consent.record,
        "NETWORK": order.network,
        "EPOCHS": str(order.epochs) if order.epochs else None,
        "LANGUAGE": order.language,
        "DISPLAY_NAME": order.display_name,
        "GENDER": order.gender,
        "LICENCE": order.licence,
    }
    fixed = {"PYTHON": own.voice_training_python, "MODELS": models, "NEW": "1", "PYTHONPATH": str(_ROOT)}
    unset = dict.fromkeys(_UNSET, "")
    return {**unset, **{name: value or "" for name, value in told.items()}, **fixed, "PYTHONSAFEPATH": "1"}


async def _ended(command: list[str], folder: Path, settings: dict[str, str]) -> int:
    """Run a command that ends with this process, or when this is cancelled; return its exit status."""
    leashed = [sys.executable, "-m", "jobs.leashed", str(folder), *command]
    process = await asyncio.create_subprocess_exec(
        *leashed,
        cwd=_ROOT,
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.PIPE,  # it stays open: its end would be the end of the work
        start_new_session=True,
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the command and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _why(folder: Path) -> InvalidInput | EngineFailed:
    """Return why a recipe ended: what the check refuses, or its own last words where they are for the caller."""
    if refused := _refused(folder / "out" / _CHECK):
        return InvalidInput(
            f"No voice can be trained on these recordings. {refused}"[:_MOST_CHARACTERS], param="input.url"
        )
    with (folder / LOG).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").rstrip().splitlines()
    last = " ".join(lines[-1:])
    if "Traceback (most recent call last):" not in lines and _IN_WORDS.fullmatch(last):
        return InvalidInput(last[:_MOST_CHARACTERS])
    return EngineFailed("The training broke off; its folder on the worker says why.")


def _refused(check: Path) -> str:
    """Return what is wrong with recordings, and how to mend it, of a check that refused them."""
    try:
        report = orjson.loads(check.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return ""
    found = [finding for finding in report["findings"] if finding["level"] == "refused"]
    return " ".join(f"{finding['what']} {finding['mend']}" for finding in found) if report["is_refused"] else ""
