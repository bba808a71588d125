"""Run an exported graph over all texts it is judged by, once: `python -m training.emotion.predict RUN/int8 DATA`."""

import argparse
import random
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from training.emotion.data import OUTSIDE, Matrix, pad, read_goemotions, read_outside, replace_masks

MASK_SEED = 0
FILE = "logits.npz"
Logits = dict[str, dict[str, Matrix]]


class Graph:
    """An exported model folder: model.onnx and tokenizer.json."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Open the graph on the CPU."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.outputs = [output.name for output in self.session.get_outputs()]

    def logits(self, texts: list[str], batch_rows: int = 32) -> dict[str, Matrix]:
        """Return raw logits [texts, labels] of each output; masks in the texts become names, always the same ones."""
        rng = random.Random(MASK_SEED)  # noqa: S311  (repeatable, not secret)
        encodings = self.tokenizer.encode_batch([replace_masks(text, rng) for text in texts])
        order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
        parts: list[list[Matrix]] = []
        for start in range(0, len(order), batch_rows):
            ids, mask = pad([encodings[row].ids for row in order[start : start + batch_rows]])
            parts.append(self.session.run(None, {"input_ids": ids, "attention_mask": mask}))
        back = np.argsort(order)
        return {
            name: np.concatenate([part[number] for part in parts])[back] for number, name in enumerate(self.outputs)
        }


def predict(graph: Graph, data: Path) -> Logits:
    """Return logits by set (dev, test, and the sets from outside Reddit) and by label set."""
    texts = {split: read_goemotions(data / "goemotions", split).texts for split in ("dev", "test")}
    texts |= {name: read_outside(data / "sentiment-dev", name).texts for name in OUTSIDE}
    return {name: graph.logits(found) for name, found in texts.items()}


def load_logits(folder: Path) -> Logits:
    """Read what `predict` kept beside a graph."""
    found: Logits = {}
    with np.load(folder / FILE) as file:
        for key in file.files:
            name, head = key.split("/")
            found.setdefault(name, {})[head] = file[key]
    return found


def main() -> None:
    """Read the command line and write the logits beside the graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/ and sentiment-dev/")
    arguments = parser.parse_args()
    found = predict(Graph(arguments.graph), arguments.data)
    flat = {f"{name}/{head}": values for name, heads in found.items() for head, values in heads.items()}
    np.savez(arguments.graph / FILE, allow_pickle=False, **flat)


if __name__ == "__main__":
    main()
