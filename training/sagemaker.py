"""What a training job on SageMaker runs: the same recipe as `make train`, between the folders that SageMaker gives it.

`/opt/ml/input/data/training` holds the data (and `speech`, `no_speech` or `base` beside it, perhaps), `/opt/ml/model`
gets NAME/VERSION of the model as the model store has it, and the recipe works in `/opt/ml/checkpoints`, which SageMaker
keeps in S3: a job that was interrupted goes on there.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from shared.problems import ModelCorrupt
from shared.store import ModelStore
from shared.store.names import NAME_PATTERN

FAILED_STATUS, STOPPED_STATUS = 1, 128 + signal.SIGTERM
_MOST_REASON_CHARACTERS = 1024
"""SageMaker shows no more of a failure."""
_LAST_LINES = 12
_WHOLE = r"[0-9]{1,9}"
_TEXT = r"[^\x00-\x1f\x7f]{0,2000}"
"""Of people; SageMaker takes hardly more."""
_HYPERPARAMETERS = {
    "model": r"[a-z]+",
    "seed": _WHOLE,
    "name": NAME_PATTERN,
    "version": NAME_PATTERN,
    "keywords": r"[\w ,'-]+",
    "epochs": _WHOLE,
    "teachers": "[a-z -]*",
    "teacher_epochs": _WHOLE,
    "threads": _WHOLE,
    "everyone": "1?",
    "amounts": "1?",
    "task": "gender|age",
    "data_sets": r"[\w.,-]*",
    "versions": _WHOLE,
    "steps": _WHOLE,
    "leaky": "1?",
    "licence": r"[\w ().,+/-]{0,200}",
    "network": "world|vits",
    "size": "standard|small",
    "consent": _TEXT,
    "consent_date": r"(\d{4}-\d{2}-\d{2})?",
    "consent_record": _TEXT,
    "speaker": _TEXT,
    "display_name": _TEXT,
    "gender": "female|male|neutral",
    "language": r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}",
    "unchecked": "1?",
}
"""What a job may be started with. All but the first two are the recipe's settings, in capitals in its environment."""
_FURTHER_CHANNELS = ("speech", "no_speech", "base")
"""Folders that a recipe may be given beside its data, under these names in capitals."""
_OTHERS = ("sagemaker_", "_")
"""SageMaker's own hyperparameters begin so."""


class JobFailed(Exception):
    """Why a job ends without a model; the text is for whoever started it."""


@dataclass(frozen=True)
class Job:
    """Where everything is, and what is wanted."""

    data: Path
    model: Path
    checkpoints: Path
    recipe: Path
    seed: str
    settings: Mapping[str, str]
    """What the recipe reads from its environment."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Job":
        """Read SageMaker's folders and hyperparameters. Raises JobFailed."""
        root = Path(environment.get("SM_BASE", "/opt/ml"))
        wanted = _hyperparameters(root / "input" / "config" / "hyperparameters.json")
        recipe = _recipe(Path(environment.get("TIMBRE_RECIPES", Path(__file__).parent)), wanted.pop("model"))
        seed = wanted.pop("seed")
        model = Path(environment.get("SM_MODEL_DIR", root / "model"))
        # Which version is in use is chosen in the store that the model comes into, not here.
        settings = {
            "MODELS": str(model),
            "UNPOINTED": "1",
            "PYTHON": sys.executable,
            "THREADS": str(os.cpu_count() or 1),
        }
        channels = {name: _channel(environment, root, name) for name in _FURTHER_CHANNELS}
        return cls(
            data=_channel(environment, root, "training"),
            model=model,
            checkpoints=Path(environment.get("SM_CHECKPOINT_DIR", root / "checkpoints")),
            recipe=recipe,
            seed=seed,
            settings={
                **settings,
                **{name.upper(): str(folder) for name, folder in channels.items() if folder.is_dir()},
                **{name.upper(): value for name, value in wanted.items()},
            },
        )

    def command(self) -> Sequence[str]:
        """Return the recipe's command line."""
        return [str(self.recipe), str(self.data), str(self.checkpoints / f"seed-{self.seed}"), self.seed]


def run(job: Job) -> None:
    """Make the model; raises JobFailed, and SystemExit when SageMaker stops the job."""
    if not job.data.is_dir():
        raise JobFailed("There is no channel named training: name one in InputDataConfig.")
    for folder in (job.checkpoints, job.model):
        folder.mkdir(parents=True, exist_ok=True)
    _follow(job.command(), {**os.environ, **job.settings})
    _require_model(job.model)


def _follow(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command in a group of its own, to which SageMaker's wish to stop is passed on; show what it says."""
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, start_new_session=True, text=True, errors="replace"
    ) as recipe:
        stopped = _stops(recipe)
        last: deque[str] = deque(maxlen=_LAST_LINES)
        for line in recipe.stderr or ():
            sys.stderr.write(line)
            last.append(line)
    if stopped:
        sys.exit(STOPPED_STATUS)
    if recipe.returncode:
        raise JobFailed(f"The recipe ended with status {recipe.returncode}:\n{''.join(last)}")


def _stops(process: subprocess.Popen[str]) -> list[int]:
    """End the process and its children on SIGTERM; return a list that tells whether that came."""
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        with suppress(ProcessLookupError):  # it may have ended just now
            os.killpg(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    return came


def _require_model(folder: Path) -> None:
    """Raise JobFailed unless the folder holds a model that the store would serve."""
    try:
        if not ModelStore(str(folder), folder).fetch_all():
            raise JobFailed("The recipe ended well, but left no model.")
    except ModelCorrupt as problem:
        raise JobFailed(problem.detail) from problem


def _channel(environment: Mapping[str, str], root: Path, name: str) -> Path:
    return Path(environment.get(f"SM_CHANNEL_{name.upper()}", root / "input" / "data" / name))


def _recipe(recipes: Path, model: str) -> Path:
    known = {path.parent.name: path for path in recipes.glob("*/run.sh")}
    if model not in known:
        raise JobFailed(f"There is no recipe for model {model!a}; there are: {', '.join(sorted(known))}.")
    return known[model]


def _hyperparameters(path: Path) -> dict[str, str]:
    """Return what the job was started with, and defaults of what every job has. Raises JobFailed."""
    given = _json(path) if path.exists() else {}
    # SageMaker gives all of them as texts; its Python SDK puts texts into quotes once more.
    found = {name: str(value).strip('"') for name, value in given.items() if not name.startswith(_OTHERS)}
    for name, value in found.items():
        if name not in _HYPERPARAMETERS:
            raise JobFailed(f"Hyperparameters are {', '.join(_HYPERPARAMETERS)}; not {name!a}.")
        if not re.fullmatch(_HYPERPARAMETERS[name], value):
            raise JobFailed(f"The hyperparameter {name} cannot be {value!a}.")
    return {"model": "keywords", "seed": "1", **found}


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise JobFailed("hyperparameters.json is no object in JSON.") from error


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Do the job that SageMaker calls `train`; write the reason of a failure to where it looks for one."""
    try:
        if list(arguments) not in ([], ["train"]):
            raise JobFailed("This container trains; it serves nothing.")
        run(Job.read(environment))
    except (JobFailed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        output = Path(environment.get("SM_BASE", "/opt/ml")) / "output"
        output.mkdir(parents=True, exist_ok=True)
        (output / "failure").write_text(str(error)[-_MOST_REASON_CHARACTERS:], encoding="utf-8")
        return FAILED_STATUS
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
