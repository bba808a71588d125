"""The CNN on MFCCs of the well-known tutorials, to compare with: `python -m training.keywords.seed PREPARED OUT`.

OUT gets model.h5 and model.keras, labels.json {"mapping": [labels in the order of the network's answers]}, and
seed.json with the accuracies.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import tensorflow
from keras import layers, regularizers

from services.keywords.engine import SILENCE, UNKNOWN
from training.keywords.data import TEN_COMMANDS, find_classes, read_prepared
from training.keywords.seed_clips import Part, read_part
from training.keywords.splits import SPLITS

_EPOCHS, _BATCH_CLIPS, _RATE = 40, 32, 1e-4
_DROPOUT, _WEIGHT_DECAY = 0.3, 1e-3
_BLOCKS = ((64, 3, 3), (32, 3, 3), (32, 2, 2))
"""Filters, width of the kernel, and width of what is pooled, of each convolution."""


def train_seed(
    prepared: Path, out: Path, *, words: Sequence[str] = TEN_COMMANDS, epochs: int = _EPOCHS, seed: int = 1
) -> dict[str, float]:
    """Train on the clips of a prepared folder, write the network into `out`, and return the accuracy on each split.

    Words that are not named are `unknown`. Raises OSError for a folder that is none.
    """
    keras.utils.set_random_seed(seed)
    labels = (*words, UNKNOWN, SILENCE)
    parts = {split: read_part(prepared, split, labels) for split in SPLITS}
    model = build(parts["train"].pictures.shape[1:], len(labels))
    _fit(model, parts["train"], parts["validation"], epochs)
    accuracies: dict[str, float] = {split: _accuracy(model, part) for split, part in parts.items() if len(part)}
    _save(model, labels, accuracies, out)
    return accuracies


def build(shape: tuple[int, ...], labels: int) -> keras.Model:
    """Return the network, compiled: pictures [n, *shape] to probabilities [n, labels]."""
    blocks = [layer for block in _BLOCKS for layer in _block(*block)]
    dense = [layers.Flatten(), layers.Dense(64, "relu"), layers.Dropout(_DROPOUT), layers.Dense(labels, "softmax")]
    model = keras.Sequential([keras.Input(shape), *blocks, *dense])
    model.compile(keras.optimizers.Adam(_RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _block(filters: int, kernel: int, pool: int) -> list[keras.Layer]:
    return [
        layers.Conv2D(filters, kernel, activation="relu", kernel_regularizer=regularizers.l2(_WEIGHT_DECAY)),
        layers.BatchNormalization(),
        layers.MaxPooling2D(pool, strides=2, padding="same"),
    ]


def _fit(model: keras.Model, train: Part, validation: Part, epochs: int) -> None:
    held_out = (validation.pictures, validation.targets) if len(validation) else None
    shown = "auto" if sys.stdout.isatty() else 2
    model.fit(train.pictures, train.targets, _BATCH_CLIPS, epochs, validation_data=held_out, verbose=shown)


def _accuracy(model: keras.Model, part: Part) -> float:
    return float((model.predict(part.pictures, verbose=0).argmax(axis=1) == part.targets).mean())


def _save(model: keras.Model, labels: Sequence[str], accuracies: Mapping[str, float], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in ("model.h5", "model.keras"):
        model.save(out / name)
    (out / "labels.json").write_text(json.dumps({"mapping": labels}, indent=1) + "\n", encoding="utf-8")
    (out / "seed.json").write_text(json.dumps(accuracies, indent=1) + "\n", encoding="utf-8")


def _set_threads(threads: int) -> None:
    """Only before anything runs in TensorFlow, so here and not in training."""
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def main() -> None:
    """Read the command line, train, and print the accuracies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prepared", type=Path, metavar="PREPARED", help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the network")
    parser.add_argument("--keywords", default="", help="with commas between them; default: as train.py chooses")
    parser.add_argument("--epochs", type=int, default=_EPOCHS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = vars(parser.parse_args())
    _set_threads(arguments.pop("threads"))
    prepared, out = arguments.pop("prepared"), arguments.pop("out")
    wanted = tuple(filter(None, arguments.pop("keywords").split(",")))
    words = find_classes(read_prepared(prepared), wanted).keywords
    accuracies = train_seed(prepared, out, words=words, **arguments)
    sys.stdout.write("".join(f"{split} accuracy {share:.4f}\n" for split, share in accuracies.items()))


if __name__ == "__main__":
    main()
