"""A run as a model folder that services/stt opens: `python -m training.deepspeech.package RUN MODELS`.

It then lies in MODELS/NAME/VERSION, with the scorer beside the network if one is given.
"""

import argparse
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from shared.store.publish import seal
from training.deepspeech.export import tflite_of
from training.deepspeech.features import SAMPLE_RATE_HZ
from training.deepspeech.train import PROGRESS, WEIGHTS

MODEL, SCORER = "model.tflite", "model.scorer"


def package(run: Path, folder: Path, *, licence: str, scorer: Path | None = None) -> None:
    """Write network, scorer and manifest into `folder` (NAME/VERSION). Raises InvalidInput, ModelCorrupt, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(run / WEIGHTS) as weights:
        (folder / MODEL).write_bytes(tflite_of(dict(weights)))
    if scorer:
        shutil.copyfile(scorer, folder / SCORER)
    progress = json.loads((run / PROGRESS).read_text(encoding="utf-8"))
    facts = {
        "task": "speech-to-text",
        "engine": "deepspeech",
        "licence": licence,
        "languages": ["en"],
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "created": datetime.now(UTC).date().isoformat(),
        "metrics": progress,
    }
    seal(folder, folder.parent.name, folder.name, facts)


def main() -> None:
    """Read the command line and package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder that train.py wrote")
    parser.add_argument("models", type=Path, metavar="MODELS", help="the model store")
    parser.add_argument("--name", default="sentence")
    parser.add_argument("--version", default="1")
    parser.add_argument("--licence", required=True, help="that of the recording")
    parser.add_argument("--scorer", type=Path, help="language model of DeepSpeech 0.9")
    arguments = parser.parse_args()
    folder = arguments.models / arguments.name / arguments.version
    package(arguments.run, folder, licence=arguments.licence, scorer=arguments.scorer)
    sys.stdout.write(f"{folder}\n")


if __name__ == "__main__":
    main()
