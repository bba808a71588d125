"""Learn a voice with VITS: `python -m training.voices.vits.train PREPARED RUN [--base RUN]`.

A run that was killed at any moment goes on when it is called again; so does one that ended, if --epochs grew. What it
looks and sounds like on the way: RUN/samples, and `tensorboard --logdir RUN/tensorboard`. On several GPUs:

    PYTHONPATH=. PYTHONSAFEPATH=1 python -m trainer.distribute --gpus 0,1 \
        --script training/voices/vits/train.py PREPARED RUN
"""

import argparse
import logging
import sys
from dataclasses import fields, replace
from pathlib import Path

import torch
from torch import distributed

from shared.command_line import status_of
from training.voices.prepared import Prepared, read_prepared
from training.voices.runs import read_settings
from training.voices.vits.distributed import Place, joined
from training.voices.vits.learning import Learning
from training.voices.vits.settings import PRECISIONS, SIZES, Settings

_CHOICES = {"size": SIZES, "precision": PRECISIONS}
_OF_LAUNCHER = ("continue_path", "restore_path", "group_id", "use_ddp")


def train(prepared: Path, run: Path, wanted: Settings, epochs: int | None, base: Path | None, place: Place) -> None:
    """Do what is left of a run; `epochs` are wanted in place of those it was begun with.

    Raises InvalidInput for a base that does not fit.
    """
    settings = read_settings(run, wanted)
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    torch.set_num_threads(settings.threads)
    Learning(run, read_prepared(prepared, Prepared), settings, place, base).learn()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prepared", type=Path, help="what training.voices.vits.prepare wrote")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--base", type=Path, help="run of a voice to begin with")
    for one in fields(Settings):
        assert callable(one.type)
        default = None if one.name == "epochs" else one.default
        flag = f"--{one.name.replace('_', '-')}"
        parser.add_argument(flag, type=one.type, default=default, choices=_CHOICES.get(one.name), help=f"{one.default}")
    parser.add_argument("--rank", type=int, default=0, help=argparse.SUPPRESS)
    for name in _OF_LAUNCHER:
        parser.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    return parser


def main() -> int:
    """Read the command line and learn."""
    given = vars(_parser().parse_args())
    prepared, folder, base, rank, epochs = (given.pop(name) for name in ("prepared", "run", "base", "rank", "epochs"))
    launched = {name: given.pop(name) for name in _OF_LAUNCHER}
    settings = Settings(**given, **({} if epochs is None else {"epochs": epochs}))
    logging.getLogger("trainer").setLevel(logging.ERROR)
    logging.getLogger("TTS").setLevel(logging.ERROR)

    def run() -> int:
        place = joined(rank, launched["group_id"], folder) if launched["use_ddp"] else Place()
        if place.is_first:
            read_settings(folder, settings)
        if launched["use_ddp"]:
            distributed.barrier()
        train(prepared, folder, settings, epochs, base, place)
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
