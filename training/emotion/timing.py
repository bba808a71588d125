"""Print milliseconds a sentence on one thread, torch against ONNX: `python -m training.emotion.timing RUN DATA`."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from training.emotion.data import pad, read_goemotions
from training.emotion.model import EmotionModel
from training.emotion.predict import Graph

ROUNDS = 5
SENTENCES = 64


def milliseconds(work: Callable[[int], None], batch_rows: int) -> float:
    """Return the best of some rounds over SENTENCES sentences, per sentence."""
    work(batch_rows)
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work(batch_rows)
        best = min(best, time.perf_counter() - started)
    return 1000 * best / SENTENCES


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder with final.pt, fp32/ and int8/")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    texts = read_goemotions(arguments.data / "goemotions", "dev").texts[:SENTENCES]
    graphs = {kind: Graph(arguments.run / kind) for kind in ("fp32", "int8")}
    model = EmotionModel().eval()
    model.load_state_dict(torch.load(arguments.run / "final.pt", weights_only=True))

    def by_torch(batch_rows: int) -> None:
        encoded = sorted((row.ids for row in graphs["fp32"].tokenizer.encode_batch(texts)), key=len)
        with torch.inference_mode():
            for start in range(0, SENTENCES, batch_rows):
                ids, mask = pad(encoded[start : start + batch_rows])
                model(torch.from_numpy(ids), torch.from_numpy(mask))

    engines: dict[str, Callable[[int], None]] = {"torch fp32": by_torch}
    for kind, graph in graphs.items():
        engines[f"onnx {kind}"] = lambda rows, graph=graph: graph.logits(texts, rows)  # type: ignore[misc]
    sys.stdout.write("engine       batch 1   batch 32 (ms a sentence)\n")
    for name, work in engines.items():
        sys.stdout.write(f"{name:12} {milliseconds(work, 1):7.2f} {milliseconds(work, 32):10.2f}\n")


if __name__ == "__main__":
    main()
