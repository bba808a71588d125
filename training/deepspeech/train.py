"""Learn one sentence by heart: `python -m training.deepspeech.train RECORDING TEXT RUN`.

RUN gets weights.npz and progress.json. What shows that a network, its features and its loss are right is that it writes
down the one sentence it was given; of any other it knows nothing.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import Tensor, Variable

from training.deepspeech.alphabet import BLANK, LETTERS, greedy_text, labels_of
from training.deepspeech.features import SAMPLE_RATE_HZ, STEP_SAMPLES, windows_of
from training.deepspeech.network import first_weights, network
from training.shared.sounds import Samples, read_sound

WEIGHTS, PROGRESS = "weights.npz", "progress.json"
_MOST_SECONDS = 30.0
_MOST_STEPS, _CHECK_STEPS, _RATE = 3_000, 25, 1e-3
_SURE_LOSS = 0.5
"""Minus the logarithm of the sentence's probability, below which there is nothing left to learn."""
_NOISE = 1e-3
_LARGEST_GRADIENT = 5.0


class NotLearned(Exception):
    """The network does not write the sentence after the most steps."""


def train(recording: Path, text: str, run: Path, *, hidden: int, seed: int = 1, threads: int = 1) -> int:
    """Train until the network writes `text`, and return after how many steps.

    Raises Damaged, ValueError (letters that the alphabet has not, a sentence longer than the sound), NotLearned.
    """
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    samples = read_sound(recording, SAMPLE_RATE_HZ, _MOST_SECONDS)
    weights = {name: tf.Variable(first) for name, first in first_weights(hidden, seed).items()}
    steps = _learn(samples, labels_of(text), weights, seed)
    run.mkdir(parents=True, exist_ok=True)
    np.savez(run / WEIGHTS, **{name: weight.numpy() for name, weight in weights.items()})
    progress = {"text": text, "hidden": hidden, "seed": seed, "steps": steps}
    (run / PROGRESS).write_text(json.dumps(progress, indent=1) + "\n", encoding="utf-8")
    return steps


def _learn(samples: Samples, labels: list[int], weights: dict[str, Variable], seed: int) -> int:
    step = _step(labels, weights)
    chance = np.random.default_rng(seed)
    sure = 0
    for number in range(1, _MOST_STEPS + 1):
        loss, best = step(windows_of(_varied(samples, chance)))
        sure = sure + 1 if float(loss) < _SURE_LOSS and greedy_text(list(best.numpy())) == _text(labels) else 0
        if number % _CHECK_STEPS == 0:
            sys.stdout.write(f"step {number}  loss {float(loss):.3f}  {greedy_text(list(best.numpy()))}\n")
        if sure == _CHECK_STEPS:
            return number
    raise NotLearned(f"not learned in {_MOST_STEPS} steps")


def _text(labels: list[int]) -> str:
    return "".join(LETTERS[label] for label in labels)


def _varied(samples: Samples, chance: np.random.Generator) -> Samples:
    """Return the sound later by part of a frame, a little louder or softer, and in a little noise.

    The frames of a file that is served fall elsewhere than those of the file that was learned.
    """
    before = int(chance.integers(STEP_SAMPLES))
    padded = np.pad(samples * chance.uniform(0.8, 1.0), (before, 2 * STEP_SAMPLES - before))
    noise = chance.normal(0, chance.uniform(0, _NOISE), len(padded))
    return (padded + noise).astype(np.float32)


def _step(labels: list[int], weights: dict[str, Variable]) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    optimiser = tf.keras.optimizers.Adam(_RATE, global_clipnorm=_LARGEST_GRADIENT)
    variables = list(weights.values())
    optimiser.build(variables)
    rest = tf.zeros([1, weights["layer_1"].shape[1]])

    def step(windows: Tensor) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            scores, _ = network(windows, (rest, rest), weights, unrolled=False)
            loss = _loss(scores, labels)
        optimiser.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss, tf.argmax(scores, axis=1)

    # Compiled, a loop of steps this small is ten times as fast.
    compiled: Callable[[Tensor], tuple[Tensor, Tensor]] = tf.function(step, jit_compile=True)
    return compiled


def _loss(scores: Tensor, labels: list[int]) -> Tensor:
    if scores.shape[0] < len(labels):
        raise ValueError("the sentence has more letters than the sound has frames")
    lengths = [[len(labels)], [scores.shape[0]]]
    return tf.nn.ctc_loss([labels], scores[:, None], *lengths, blank_index=BLANK)[0]


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="wav or flac of one sentence")
    parser.add_argument("text", metavar="TEXT", help="what is said, in letters")
    parser.add_argument("run", type=Path, metavar="RUN", help="folder for the weights")
    parser.add_argument("--hidden", type=int, default=100, help="width of the layers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    steps = train(**vars(parser.parse_args()))
    sys.stdout.write(f"learned after {steps} steps\n")


if __name__ == "__main__":
    main()
