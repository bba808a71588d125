"""Keep what trained models say of the training texts: `python -m training.emotion.teach OUT.npz DATA RUN/fp32 ...`.

A model that learns from the mean of others beside the labels comes close to them all together, at the cost of one
(Hinton et al. 2015; with teachers of its own size: Furlanello et al. 2018).
"""

import argparse
from pathlib import Path

import numpy as np

from training.emotion.data import Matrix, read_goemotions
from training.emotion.model import HEADS
from training.emotion.predict import Graph


def taught(graphs: list[Path], texts: list[str]) -> dict[str, Matrix]:
    """Return the mean logits [texts, labels] of each label set."""
    said = [Graph(folder).logits(texts) for folder in graphs]
    return {head: np.mean([one[head] for one in said], axis=0, dtype=np.float32) for head in HEADS}


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("data", type=Path, help="folder that holds goemotions/")
    parser.add_argument("graphs", type=Path, nargs="+", help="folders with model.onnx and tokenizer.json")
    arguments = parser.parse_args()
    texts = read_goemotions(arguments.data / "goemotions", "train").texts
    np.savez(arguments.out, allow_pickle=False, **taught(arguments.graphs, texts))


if __name__ == "__main__":
    main()
