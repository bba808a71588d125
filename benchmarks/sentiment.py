"""Sentiment: a batch of 32 against one by one, through the service and at the bare engine, and against torch."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.rounds import Ratio, compare, show
from services.sentiment.engines.onnx import Onnx
from shared.store import ModelStore

BATCH = 32
OPENINGS = ("I could not believe it", "She was so happy", "He said nothing", "They were late again", "What a day")
ENDINGS = (
    ".",
    " when the door opened.",
    " because of the news about the old house by the river.",
    ", and in the end everybody went home, tired but glad that it was over.",
    " and the dog barked!",
    ", which is a pity.",
    " after all these years of waiting for an answer.",
)
MODELS = Path("models")
TRAINING_PYTHON = Path(".venv-training/bin/python")


def sentences() -> list[str]:
    """Return BATCH sentences of 4 to 20 words."""
    return [OPENINGS[number % len(OPENINGS)] + ENDINGS[number % len(ENDINGS)] for number in range(BATCH)]


@contextmanager
def service(models: Path) -> Iterator[http.client.HTTPConnection]:
    """Start the service as a process of its own; yield a connection to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "TIMBRE_LISTEN_PORT": str(port), "TIMBRE_MODELS": str(models)}
    command = [sys.executable, "-m", "shared.serve", "services.sentiment.app"]
    process = subprocess.Popen(command, env={**environment, "TIMBRE_LOG_LEVEL": "WARNING"})
    try:
        yield _connected(port, process)
    finally:
        process.terminate()
        process.wait()


def _connected(
    port: int, process: "subprocess.Popen[bytes]", longest_seconds: float = 60
) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    end = time.monotonic() + longest_seconds
    while process.poll() is None and time.monotonic() < end:
        try:
            connection.request("GET", "/health/ready")
        except ConnectionRefusedError:
            connection.close()
            time.sleep(0.05)
        else:
            connection.getresponse().read()
            return connection
    raise RuntimeError("the sentiment service did not start")


def ask(connection: http.client.HTTPConnection, texts: Sequence[str]) -> None:
    """Send one request with `texts`."""
    body = json.dumps({"texts": texts}).encode()
    connection.request("POST", "/v1/text/emotions", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"the sentiment service answered {answer.status}")


def ask_one_by_one(connection: http.client.HTTPConnection, texts: Sequence[str]) -> None:
    """Send a request for each text."""
    for text in texts:
        ask(connection, [text])


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long `work` took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def through_the_service(texts: Sequence[str], models: Path) -> list[Ratio]:
    """Compare one request of all texts with a request for each, in seconds for each sentence."""
    with service(models) as connection:
        ask(connection, texts)
        return [
            compare(
                "service: seconds a sentence, batch of 32 / one by one",
                lambda: seconds_of(lambda: ask(connection, texts)) / len(texts),
                lambda: seconds_of(lambda: ask_one_by_one(connection, texts)) / len(texts),
                at_most=0.5,
            )
        ]


def at_the_engine(texts: Sequence[str], engine: Onnx) -> list[Ratio]:
    """Compare the bare engine, on one thread, with itself and, where the training venv is there, with torch."""

    def one_by_one() -> float:
        return seconds_of(lambda: [engine.scores([text]) for text in texts]) / len(texts)

    def together() -> float:
        return seconds_of(lambda: engine.scores(texts)) / len(texts)

    found = [compare("engine, one thread: batch of 32 / one by one", together, one_by_one)]
    if TRAINING_PYTHON.exists():
        with torch_model() as torch_seconds:
            found += [
                compare("one by one: onnxruntime / torch, one thread", one_by_one, lambda: torch_seconds(texts, 1)),
                compare("batch of 32: onnxruntime / torch, one thread", together, lambda: torch_seconds(texts, BATCH)),
            ]
    return found


@contextmanager
def torch_model() -> Iterator[Callable[[Sequence[str], int], float]]:
    """Start torch in the training venv; yield a function of (texts, rows a batch) to seconds for each text."""
    command = [
        str(TRAINING_PYTHON),
        "-m",
        "benchmarks.sentiment_torch",
        str(next(MODELS.glob("emotion-minilm/*/tokenizer.json"))),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        requests, answers = process.stdin, process.stdout

        def measure(texts: Sequence[str], rows: int) -> float:
            requests.write(json.dumps({"texts": list(texts), "rows": rows}) + "\n")
            requests.flush()
            return float(answers.readline())

        yield measure
        requests.close()


def measure() -> list[Ratio]:
    """Return all rows of the table."""
    texts = sentences()
    engine = Onnx(ModelStore(str(MODELS), MODELS).fetch("emotion-minilm"), threads=1)
    engine.scores(texts)
    return through_the_service(texts, MODELS) + at_the_engine(texts, engine)


def main() -> None:
    """Print the table."""
    show("Sentiment", measure())
    if not TRAINING_PYTHON.exists():
        sys.stdout.write(f"torch: not measured, there is no {TRAINING_PYTHON}\n")


if __name__ == "__main__":
    main()
