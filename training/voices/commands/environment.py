"""The environment with the training's packages, which serving does not need: set up when it is used first."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from shared.problems import Unavailable

ROOT: Final = Path(__file__).parents[3]
RECIPE: Final = ROOT / "training" / "voices" / "run.sh"
PYTHON: Final = "PYTHON"
NETWORKS: Final = {"world": "training-voices", "vits": "training-vits"}
"""Network -> group of packages that learns it."""
_SET_UP = ROOT / "deploy" / "local" / "setup.sh"
_FOLDER = ".venv-training"


def python_of(network: str) -> str:
    """Return the Python that learns a network: that of the variable PYTHON, or of an environment that is set up here.

    Raises Unavailable where that fails.
    """
    if named := os.environ.get(PYTHON):
        return named
    try:
        subprocess.run([_SET_UP, NETWORKS[network], _FOLDER], check=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise Unavailable("The packages for training could not be installed; what went wrong stands above.") from error
    return str(ROOT / _FOLDER / "bin" / "python")


def become(command: Sequence[str], settings: Mapping[str, str]) -> None:
    """Run a command in place of this one, with the modules of this repository and never those of the user's folder."""
    ours = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    os.execve(command[0], list(command), {**os.environ, **settings, **ours})  # noqa: S606 - no shell is wanted
