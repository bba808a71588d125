"""Average the weights of several seeds into one model: `python -m training.emotion.soup OUT RUN1 RUN2`."""

import argparse
import json
import shutil
from pathlib import Path

import torch
from torch import Tensor

Weights = dict[str, Tensor]


def average(runs: list[Weights]) -> Weights:
    """Return the mean of weights fine-tuned from one base (Wortsman et al. 2022, model soups)."""
    return {name: torch.stack([run[name] for run in runs]).mean(0) for name in runs[0]}


def main() -> None:
    """Read the command line and write a run folder with averaged weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the averaged run")
    parser.add_argument("runs", type=Path, nargs="+", help="finished runs of different seeds")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    weights = [torch.load(run / "final.pt", weights_only=True) for run in arguments.runs]
    torch.save(average(weights), arguments.out / "final.pt")
    settings = [json.loads((run / "settings.json").read_text()) for run in arguments.runs]
    together = settings[0] | {"seed": "average of " + ", ".join(str(found["seed"]) for found in settings)}
    (arguments.out / "settings.json").write_text(json.dumps(together, indent=1))
    shutil.copyfile(arguments.runs[0] / "steps.jsonl", arguments.out / "steps.jsonl")


if __name__ == "__main__":
    main()
