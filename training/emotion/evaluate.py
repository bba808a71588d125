"""Print the accuracy of an exported, calibrated model: `python -m training.emotion.evaluate RUN/int8 DATA`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.metrics import f1_score, precision_recall_fscore_support

from training.emotion.calibrate import (
    Calibration,
    Decision,
    Numbers,
    Pair,
    calibrate,
    calibration_error,
    dev_f1,
    emotion_f1,
    outside_pairs,
    valence_f1,
)
from training.emotion.data import OUTSIDE, Matrix, Rows, read_goemotions
from training.emotion.predict import Logits, load_logits

Parameters = dict[str, Any]


def probabilities(head: str, logits: Matrix, parameters: Parameters) -> Numbers:
    """Return calibrated probabilities [rows, labels] of one label set."""
    found = parameters["calibration"][head]
    return Calibration(found["scale"], np.array(list(found["bias"].values()))).probabilities(logits)


def decision(head: str, parameters: Parameters) -> Decision:
    """Return the decision that scores one label for a text."""
    found = parameters["decision"][head]
    return Decision(tuple(found["labels"]), np.array(found["weights"]), np.array(found["bias"]))


def label_set_metrics(head: str, logits: Matrix, targets: Matrix, parameters: Parameters) -> dict[str, Any]:
    """Return F1 figures of one label set with the tuned thresholds, and its calibration error before and after."""
    calibrated = probabilities(head, logits, parameters)
    thresholds = parameters["thresholds"][head]
    chosen = calibrated >= np.array(list(thresholds.values()))
    parts = precision_recall_fscore_support(targets, chosen, zero_division=0)
    return {
        "macro_f1": float(f1_score(targets, chosen, average="macro", zero_division=0)),
        "micro_f1": float(f1_score(targets, chosen, average="micro", zero_division=0)),
        "macro_f1_at_half": float(f1_score(targets, calibrated >= 0.5, average="macro", zero_division=0)),
        "calibration_error_raw": calibration_error(expit(logits), targets),
        "calibration_error": calibration_error(calibrated, targets),
        "labels": {
            name: {"precision": p, "recall": r, "f1": f, "rows": int(n)}
            for name, p, r, f, n in zip(thresholds, *(part.tolist() for part in parts), strict=True)
        },
    }


def emotion_metrics(found: Decision, pair: Pair) -> dict[str, float]:
    """Return how well the top emotion does; a row with several labels counts as right with any of them."""
    logits, targets = pair
    scores = found.scores(logits)
    top, rows = scores.argmax(axis=1), np.arange(len(scores))
    return {
        "accuracy": float(targets[rows, top].mean()),
        "macro_f1_one_label": emotion_f1(found, pair),
        "neutral_said": float((top == len(found.labels) - 1).mean()),
        "confidence_error": calibration_error(scores[rows, top], targets[rows, top]),
    }


def three_way(found: Decision, pair: Pair) -> dict[str, float]:
    """Return accuracy and macro-F1 over positive, negative, neutral, leaving out texts that are truly mixed."""
    logits, targets = pair
    plain = targets[:, 3] == 0
    gold, top = targets[plain].argmax(axis=1), found.scores(logits[plain])[:, :3].argmax(axis=1)
    return {
        "accuracy": float((gold == top).mean()),
        "macro_f1": float(f1_score(gold, top, average="macro")),
        "neutral_said": float((top == 2).mean()),
        "neutral_true": float((gold == 2).mean()),
    }


def mixed_metrics(found: Decision, pair: Pair) -> dict[str, float]:
    """Return precision and recall of mixed as the top of the four scores, and how often it is said."""
    logits, targets = pair
    said, true = found.scores(logits).argmax(axis=1) == 3, targets[:, 3] == 1
    right = float((said & true).sum())
    return {
        "precision": right / max(1, said.sum()),
        "recall": right / max(1, true.sum()),
        "said": float(said.mean()),
        "true": float(true.mean()),
        "four_way_accuracy": float((found.scores(logits).argmax(axis=1) == targets.argmax(axis=1)).mean()),
    }


def voice_metrics(found: Decision, pair: Pair, thresholds: dict[str, float]) -> dict[str, dict[str, float]]:
    """Return precision of each emotion above its voice threshold, and the share of its texts that get it."""
    scores, targets = found.scores(pair[0]), pair[1]
    top, result = scores.argmax(axis=1), {}
    for number, (label, threshold) in enumerate(thresholds.items()):
        said = (top == number) & (scores[:, number] >= threshold)
        right = float(targets[said, number].sum())
        result[label] = {
            "precision": float(right / max(1, said.sum())),
            "recall": right / float(targets[:, number].sum()),
        }
    return result


def decision_metrics(parameters: Parameters, logits: Logits, test: Rows, data: Path) -> dict[str, Any]:
    """Return the figures of the single decisions on GoEmotions test and on the halves of the outside sets kept back."""
    sentiment, ekman = decision("sentiment", parameters), decision("ekman", parameters)
    pair = (logits["test"]["sentiment"], test.targets["four_way"])
    result: dict[str, Any] = {"emotion": emotion_metrics(ekman, (logits["test"]["ekman"], test.targets["ekman"]))}
    result["sentiment"] = {"goemotions-test": three_way(sentiment, pair)}
    result["mixed"] = mixed_metrics(sentiment, pair)
    kept = outside_pairs(logits, "sentiment", data, half=1)
    result["sentiment"] |= {name: three_way(sentiment, pair) for name, pair in zip(OUTSIDE, kept, strict=True)}
    kept = outside_pairs(logits, "ekman", data, half=1)
    result["valence_by_emotion"] = {name: valence_f1(ekman, pair) for name, pair in zip(OUTSIDE, kept, strict=True)}
    return result


def evaluate(folder: Path, data: Path) -> dict[str, Any]:
    """Return every figure of the model card; thresholds and decisions come from development texts only."""
    parameters, logits = json.loads((folder / "calibration.json").read_text()), load_logits(folder)
    test, dev = read_goemotions(data / "goemotions", "test"), read_goemotions(data / "goemotions", "dev")
    heads = logits["test"]
    ekman = (heads["ekman"], test.targets["ekman"])
    return {
        "label_sets": {name: label_set_metrics(name, heads[name], test.targets[name], parameters) for name in heads},
        "dev": {name: dev_f1(logits["dev"][name], dev.targets[name]) for name in heads},
        "voice": voice_metrics(decision("ekman", parameters), ekman, parameters["voice_thresholds"]),
        "before": decision_metrics(calibrate(folder, data, with_outside=False), logits, test, data),
        "after": decision_metrics(parameters, logits, test, data),
    }


def table(metrics: dict[str, Any]) -> str:
    """Return the figures as lines of text."""
    lines = ["label set    macro-F1 micro-F1 at 0.5  ECE raw -> calibrated"]
    lines += [
        f"{name:12} {found['macro_f1']:.4f}   {found['micro_f1']:.4f}   {found['macro_f1_at_half']:.4f}"
        f"  {found['calibration_error_raw']:.4f} -> {found['calibration_error']:.4f}"
        for name, found in metrics["label_sets"].items()
    ]
    lines += [f"dev, cross-validated macro-F1: {_figures(metrics['dev'])}"]
    lines += [f"voice {label:10} {_figures(found)}" for label, found in metrics["voice"].items()]
    for when in ("before", "after"):
        found = metrics[when]
        lines += [f"{when:6} {name:18} {_figures(found[name])}" for name in ("emotion", "mixed", "valence_by_emotion")]
        lines += [f"{when:6} sentiment {name:16} {_figures(figures)}" for name, figures in found["sentiment"].items()]
    for name in ("goemotions", "ekman", "sentiment"):
        labels = metrics["label_sets"][name]["labels"].items()
        lines += [f"{name:10} {label:15} {_figures(found)}" for label, found in labels]
    return "\n".join(lines)


def _figures(found: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" if value < 1 else f"{name} {value:g}" for name, value in found.items())


def main() -> None:
    """Read the command line, print the tables and write metrics.json beside the graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help="folder with logits.npz and calibration.json")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/ and sentiment-dev/")
    arguments = parser.parse_args()
    found = evaluate(arguments.graph, arguments.data)
    (arguments.graph / "metrics.json").write_text(json.dumps(found, indent=1))
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
