"""Train a network on prepared clips, resumable: `python -m training.keywords.train PREPARED OUT [--seed 1]`."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from training.keywords.augment import Augmenter
from training.keywords.batches import Epoch, Material, Teaching
from training.keywords.calibrate import Calibration
from training.keywords.data import OTHER
from training.keywords.folders import SILENCE
from training.keywords.network import NETWORKS
from training.keywords.powers import clip_pictures, frames_of
from training.keywords.runs import MODEL, Run, Settings, learning_rows, open_run
from training.keywords.teach import opinion_of
from training.shared.history import STATE, epochs_done, note, save, say

WARM_UP_EPOCHS = 2
_READERS: dict[object, Callable[[str], object]] = {bool: lambda text: text == "true"}


def train(run: Run) -> None:
    """Train, or go on where an earlier call was stopped; leaves model.keras and history.csv in the folder."""
    material = _material(run)
    steps = len(Epoch(material, run.settings.mixture, _augmenter(run), (0, 0)))
    network = _started(run, material, steps)
    teaching = _teaching(run.settings)
    for epoch in range(epochs_done(run.folder), run.settings.epochs):
        began = time.monotonic()
        batches = Epoch(material, run.settings.mixture, _augmenter(run), (run.settings.seed, epoch), teaching)
        fitted = network.fit(batches, verbose=0)
        row = {"epoch": epoch + 1, "loss": fitted.history["loss"][0], **accuracies(run, network)}
        save(network, run.folder / STATE)
        note(run.folder, row)
        say(row, run.settings.epochs, time.monotonic() - began)
    save(network, run.folder / MODEL)


def accuracies(run: Run, network: keras.Model) -> dict[str, float]:
    """Return the share of clips of the validation speakers that get their label."""
    rows = run.prepared.rows("validation")
    pictures = _pictures(run)[rows].astype(np.float32)
    said = Calibration().scores(logits_of(network, pictures), run.classes).argmax(axis=1)
    return {"validation_accuracy": float(np.mean(said == run.classes.served(run.prepared.words[rows].tolist())))}


def logits_of(network: keras.Model, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network says of pictures, [n, classes]."""
    return np.asarray(network.predict(pictures, batch_size=256, verbose=0), np.float32)


def _material(run: Run) -> Material:
    rows = learning_rows(run)
    inner = run.classes.inner
    return Material(
        pictures=_pictures(run)[rows],
        targets=run.classes.targets(run.prepared.words[rows].tolist()),
        noise=frames_of(run.prepared, "noise", "train", run.features),
        speech=frames_of(run.prepared, "speech", "train", run.features),
        other=inner.index(OTHER),
        silence=inner.index(SILENCE),
        classes=len(inner),
    )


def _pictures(run: Run) -> NDArray[np.float16]:
    return clip_pictures(run.prepared, run.features, run.prepared.folder / "log-mel.npy", _say_pictures)


def _teaching(settings: Settings) -> Teaching | None:
    if not settings.teachers:
        return None
    return Teaching(opinion_of([Path(folder) for folder in settings.teachers]), settings.taught_share)


def _augmenter(run: Run) -> Augmenter:
    return Augmenter(run.settings.variation, run.features.lowest_hz, run.features.highest_hz)


def _started(run: Run, material: Material, steps: int) -> keras.Model:
    """Return the network as an earlier call left it, else a new one."""
    if (run.folder / STATE).exists():
        return keras.saving.load_model(run.folder / STATE)
    keras.utils.set_random_seed(run.settings.seed)
    network = NETWORKS[run.settings.model](run.features.shape, len(run.classes.inner), *_statistics(material))
    network.compile(
        keras.optimizers.AdamW(_rates(run.settings, steps), run.settings.weight_decay, global_clipnorm=5.0),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=run.settings.smoothing),
        jit_compile=False,  # fifteen times slower on a CPU
    )
    return network


def _statistics(material: Material) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and variance of each band."""
    some = material.pictures[:4096].astype(np.float32)
    return some.mean(axis=(0, 1)), some.var(axis=(0, 1))


def _rates(settings: Settings, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    warm_up = WARM_UP_EPOCHS * steps
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, settings.epochs * steps - warm_up), warmup_target=settings.rate, warmup_steps=warm_up
    )


def _say_pictures(done: int, count: int) -> None:
    sys.stdout.write(f"\rpictures of {done} of {count} clips" + ("\n" if done == count else ""))


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path, help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, help="folder of the run")
    for name in ("keywords", "teachers"):
        parser.add_argument(f"--{name}", type=lambda text: tuple(text.split(",")), default=())
    parser.add_argument("--threads", type=int, default=2)
    for one in fields(Settings):
        if one.type in (int, float, str, bool):
            parser.add_argument(f"--{one.name}", type=_READERS.get(one.type, one.type), default=one.default)
    values = vars(parser.parse_args())
    prepared, out, threads = (values.pop(name) for name in ("prepared", "out", "threads"))
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    try:
        run = open_run(out, prepared, Settings(**values))
    except ValueError as error:
        parser.error(str(error))
    train(run)


if __name__ == "__main__":
    main()
