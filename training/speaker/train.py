"""Train a network on prepared voices, resumable: `python -m training.speaker.train PREPARED OUT [--task age]`."""

import argparse
import time
from dataclasses import fields
from pathlib import Path

import keras
import tensorflow

from training.shared.history import STATE, epochs_done, note, save, say
from training.speaker.batches import Epoch, Material, Mixture
from training.speaker.network import VoiceNetwork
from training.speaker.runs import MODEL, WEIGHTS, Run, Settings, open_run

_WARM_UP_STEPS = 100
_WEIGHTS: dict[str, dict[str, float]] = {
    "gender": {"gender": 1.0, "age": 0.0, "years": 0.0, "several": 0.3, "speech": 1.0},
    "age": {"gender": 1.0, "age": 0.3, "years": 0.05, "several": 0.3, "speech": 1.0},
}
"""Of the outputs' losses for each task. What is young or old is heard differently of women and of men, so the age
model learns both; ages of free recordings are too few to help with gender."""
TASKS = tuple(_WEIGHTS)


def train(run: Run) -> None:
    """Train, or go on where an earlier call was stopped; leaves model.keras, its weights as .h5, and history.csv."""
    material = run.material()
    network = _started(run, material)
    own = run.settings
    for epoch in range(epochs_done(run.folder), own.epochs):
        began = time.monotonic()
        fitted = network.fit(Epoch(material, own.mixture, own.steps, (own.seed, epoch)), verbose=0)
        row = {"epoch": epoch + 1} | {name: values[0] for name, values in fitted.history.items()}
        save(network, run.folder / STATE)
        note(run.folder, row)
        say(row, own.epochs, time.monotonic() - began)
    save(network, run.folder / MODEL)
    network.save_weights(run.folder / WEIGHTS)


def _started(run: Run, material: Material) -> keras.Model:
    """Return the network as an earlier call left it, else a new one."""
    if (run.folder / STATE).exists():
        return keras.saving.load_model(run.folder / STATE)
    own = run.settings
    keras.utils.set_random_seed(own.seed)
    network = VoiceNetwork(own.width)(own.mixture.window_frames, material.mean, material.variance)
    network.compile(
        keras.optimizers.AdamW(_rates(own), own.weight_decay, global_clipnorm=5.0),
        _losses(own),
        loss_weights=_WEIGHTS[own.task],
        jit_compile=False,  # many times slower on a CPU
    )
    return network


def _losses(settings: Settings) -> dict[str, keras.losses.Loss]:
    """Return means over the rows that count, however many those are."""
    reduction = "mean_with_sample_weight"
    binary = {name: keras.losses.BinaryCrossentropy(True, reduction=reduction) for name in ("several", "speech")}
    return {
        "gender": keras.losses.BinaryCrossentropy(True, label_smoothing=settings.smoothing, reduction=reduction),
        "age": keras.losses.CategoricalCrossentropy(True, reduction=reduction),
        "years": keras.losses.MeanAbsoluteError(reduction=reduction),
        **binary,
    }


def _rates(settings: Settings) -> keras.optimizers.schedules.LearningRateSchedule:
    steps = settings.epochs * settings.steps
    warm_up = min(_WARM_UP_STEPS, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        1e-6, max(1, steps - warm_up), warmup_target=settings.rate, warmup_steps=warm_up
    )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path, help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, help="folder of the run")
    parser.add_argument("--data-sets", type=lambda text: tuple(text.split(",")), default=(), help="separated by commas")
    parser.add_argument("--threads", type=int, default=2)
    for one in (*fields(Settings), *fields(Mixture)):
        if one.type is bool:
            parser.add_argument(f"--{one.name}", action="store_true")
        elif one.type in (int, float, str):
            choices = TASKS if one.name == "task" else None
            parser.add_argument(f"--{one.name.replace('_', '-')}", type=one.type, default=one.default, choices=choices)
    values = vars(parser.parse_args())
    prepared, out, threads = (values.pop(name) for name in ("prepared", "out", "threads"))
    values["mixture"] = Mixture(**{one.name: values.pop(one.name) for one in fields(Mixture)})
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    try:
        train(open_run(out, prepared, Settings(**values)))
    except (OSError, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
