"""Put a finished run into the model store: `python -m training.emotion.package RUN DATA models --version 1`."""

import argparse
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.store.publish import seal
from training.emotion.card import model_card
from training.emotion.data import EKMAN, SENTIMENT, goemotions_labels
from training.emotion.tokens import MAX_TOKENS

NAME = "emotion-minilm"
MOST_LOST_F1 = 0.01
TRAINING_DATA = [
    {
        "name": "GoEmotions (Demszky et al., ACL 2020)",
        "licence": "CC BY 4.0",
        "source": "google-research/google-research, goemotions/data, arXiv 2005.00547",
        "use": "training (train), calibration and thresholds (dev), figures (test)",
    },
    {
        "name": "XED, English part (Öhman et al., COLING 2020)",
        "licence": "CC BY 4.0",
        "source": "Helsinki-NLP/XED",
        "use": "training, a small share of the batches",
    },
    {
        "name": "all-MiniLM-L6-v2, base weights",
        "licence": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2",
        "use": "start of training",
    },
    {
        "name": "Stanford Sentiment Treebank, dev",
        "licence": "public research release, none stated",
        "source": "Socher et al., EMNLP 2013",
        "use": "calibration of single decisions only, never weights, not redistributed",
    },
    {
        "name": "TweetEval sentiment, validation (SemEval-2017 Task 4)",
        "licence": "research terms",
        "source": "cardiffnlp/tweeteval",
        "use": "calibration of single decisions only, never weights, not redistributed",
    },
]


def choose_kind(metrics: dict[str, dict[str, Any]]) -> str:
    """Return int8 where it loses at most 0.01 macro-F1 on every label set, else fp32."""
    sets = metrics["fp32"]["label_sets"]
    lost = [sets[name]["macro_f1"] - metrics["int8"]["label_sets"][name]["macro_f1"] for name in sets]
    return "int8" if max(lost) <= MOST_LOST_F1 else "fp32"


def summary(metrics: dict[str, Any]) -> dict[str, float]:
    """Return the few figures that the manifest carries."""
    found = {f"{name}_macro_f1": values["macro_f1"] for name, values in metrics["label_sets"].items()}
    found["emotion_accuracy"] = metrics["after"]["emotion"]["accuracy"]
    for name, values in metrics["after"]["sentiment"].items():
        found[f"sentiment_accuracy_{name}"] = values["accuracy"]
    return {name: round(value, 4) for name, value in found.items()}


def rounded(value: Any) -> Any:
    """Return nested JSON values with floats cut to six digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


def facts(labels: list[str], kind: str, metrics: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest says beside the fingerprints of the files."""
    return {
        "task": "text-emotion",
        "engine": "onnx",
        "labels": {"goemotions": labels, "ekman": list(EKMAN), "sentiment": list(SENTIMENT)},
        "languages": ["en"],
        "licence": "Apache-2.0",
        "training_data": TRAINING_DATA,
        "metrics": summary(metrics),
        "parameters": rounded(parameters) | {"max_tokens": MAX_TOKENS, "weights": kind},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def read_metrics(run: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of both kinds of a run's graph."""
    return {kind: json.loads((run / kind / "metrics.json").read_text()) for kind in ("fp32", "int8")}


def run_name(run: Path) -> str:
    """Tell a run from others: its seed, and whether it had a teacher beside the labels."""
    settings = json.loads((run / "settings.json").read_text())
    return f"seed {settings['seed']}" + (", taught" if settings.get("teacher") else "")


def main() -> None:
    """Read the command line and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of the run to serve, evaluated")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/")
    parser.add_argument("models", type=Path, help="the model store")
    parser.add_argument("--version", default="1")
    parser.add_argument("--seeds", type=Path, nargs="*", default=[], help="all evaluated runs, for the table of seeds")
    arguments = parser.parse_args()
    metrics = read_metrics(arguments.run)
    kind = choose_kind(metrics)
    labels = goemotions_labels(arguments.data / "goemotions")
    target = arguments.models / NAME / arguments.version
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(arguments.run / kind / name, target / name)
    parameters = json.loads((arguments.run / kind / "calibration.json").read_text())
    record = seal(target, NAME, arguments.version, facts(labels, kind, metrics[kind], parameters))
    seeds = {run_name(run): read_metrics(run)["int8"] for run in arguments.seeds or [arguments.run]}
    settings = json.loads((arguments.run / "settings.json").read_text())
    timing = arguments.run / "timing.txt"
    times = timing.read_text() if timing.exists() else "not measured\n"
    (target / "MODEL_CARD.md").write_text(model_card(metrics, kind, seeds, settings, times))
    sys.stdout.write(f"{target}: {kind}, {record.files['model.onnx'].size_bytes / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
