"""`train`: the recipe training/voices/run.sh, in the environment with its packages."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from shared.problems import InvalidInput
from shared.store.names import check_name
from shared.store.settings import StoreSettings
from training.voices.commands.environment import NETWORKS, PYTHON, RECIPE, ROOT, become, python_of

RUNS = ROOT / "training" / "voices" / "runs"
_SETTINGS = {
    "--name": "under which the voice is asked for",
    "--consent": "the speaker's statement that they agree, and to what; nothing is learned without one",
    "--consent-file": "a text file with that statement",
    "--consent-date": "when they gave it, as 2026-01-31 (default: today)",
    "--consent-record": "where the record of it is kept",
    "--speaker-name": "whose voice it is (default: the voice's name)",
    "--display-name": "the voice's name for people",
    "--gender": "female, male or neutral, as it sounds",
    "--licence": "of the voice",
    "--facts": "JSON of the recordings' names, licences, sources and uses",
    "--language": "as espeak-ng calls it (default: en-us)",
    "--epochs": "how often all recordings are gone through",
    "--threads": "cores to use",
    "--batch": "recordings that a step learns from (default: 16)",
    "--size": "of vits: medium (default), standard (published; seven times as slow to speak), or small to try things",
    "--base": "OUT of another voice, to learn this one on top of",
    "--version": "of the voice (default: the next number that is free)",
}
"""Options that are the recipe's settings: in its environment, in capitals. Those not given may stand there already."""
_PATHS = frozenset({"facts", "consent_file", "base"})
_SHORTER = {"speaker_name": "SPEAKER"}


def add_options(parser: ArgumentParser) -> None:
    """Let a parser take what the recipe wants to know."""
    parser.add_argument("data", help="folder or s3://bucket/prefix: metadata.csv (id|text|normalised) and wavs/")
    for option, told in _SETTINGS.items():
        parser.add_argument(option, help=told)
    parser.add_argument("--network", choices=NETWORKS, help="world: on a CPU; vits: on a GPU (default: world)")
    parser.add_argument("--unchecked", action="store_const", const="1", help="whatever the check says")
    parser.add_argument("--location", help="model store: folder or s3://bucket/prefix (default: that of TIMBRE_MODELS)")
    parser.add_argument("--out", type=Path, help="where the recipe works (default: training/voices/runs/NAME)")
    parser.add_argument("--seed", type=int, default=1)


def run(chosen: Namespace) -> int:
    """Become the recipe. Raises InvalidInput, Unavailable."""
    settings = settings_of(chosen)
    name = check_name(settings.get("NAME", ""), "name")
    network = settings.setdefault("NETWORK", "world")
    if network not in NETWORKS:
        raise InvalidInput(f"NETWORK is one of {', '.join(NETWORKS)}.")
    settings[PYTHON] = python_of(network)
    become([str(RECIPE), chosen.data, str(chosen.out or RUNS / name), str(chosen.seed)], settings)
    return 0


def settings_of(chosen: Namespace) -> dict[str, str]:
    """Return the recipe's settings: those of the options, else of the environment."""
    names = [option.removeprefix("--").replace("-", "_") for option in _SETTINGS]
    variables = {_SHORTER.get(name, name.upper()): name for name in (*names, "network", "unchecked")}
    told = {variable: getattr(chosen, name) for variable, name in variables.items()}
    known = {variable: os.environ[variable] for variable in variables if os.environ.get(variable)}
    given = {variable: _absolute(variables[variable], value) for variable, value in told.items() if value is not None}
    return {**known, "MODELS": chosen.location or StoreSettings().location, **given}


def _absolute(name: str, value: str) -> str:
    return str(Path(value).absolute()) if name in _PATHS else str(value)
