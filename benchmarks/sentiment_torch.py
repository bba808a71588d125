"""The torch side of benchmarks/sentiment.py, run in the training venv: one thread, batches sorted by length.

The weights are random: time does not depend on them.
"""

import json
import sys
import time

import torch
from tokenizers import Tokenizer

from training.emotion.model import EmotionModel


def seconds_a_text(model: EmotionModel, tokenizer: Tokenizer, texts: list[str], rows: int) -> float:
    """Return the time for each text, tokens included, in batches of `rows`."""
    started = time.perf_counter()
    encoded = sorted((encoding.ids for encoding in tokenizer.encode_batch(texts)), key=len)
    for start in range(0, len(encoded), rows):
        batch = [torch.tensor(ids) for ids in encoded[start : start + rows]]
        ids = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True)
        with torch.inference_mode():
            model(ids, (ids != 0).long())
    return (time.perf_counter() - started) / len(texts)


def main() -> None:
    """Answer each line of standard input, {"texts", "rows"}, with a number."""
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(sys.argv[1])
    model = EmotionModel().eval()
    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(f"{seconds_a_text(model, tokenizer, order['texts'], order['rows'])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
