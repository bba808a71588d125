"""Write the model card from measured figures."""

from pathlib import Path
from statistics import mean, stdev
from typing import Any

Metrics = dict[str, Any]
INTRODUCTION = """# emotion-minilm

Reads an English sentence and gives emotions (GoEmotions' 28 labels; Ekman's six and neutral) and sentiment.
MiniLM-L6 (22 million weights), fine-tuned end to end on GoEmotions with a share of film lines from XED; the word
embeddings stay as they were. The weights served are the running average of the last steps of training. A run that is
called taught learned from the labels and, beside them, from the mean of earlier runs (`training/emotion/teach.py`).

Made by `training/emotion/run.sh DATA OUT SEED` and `python -m training.emotion.package`. Settings of this run:
{settings}

**Data.** GoEmotions (Demszky et al. 2020, CC BY 4.0), XED (Öhman et al. 2020, CC BY 4.0), base weights
all-MiniLM-L6-v2 (Apache-2.0). Half of SST-5 dev and half of TweetEval's sentiment validation set were used to
calibrate the single decisions; no weight was trained on them. `[NAME]` and `[RELIGION]` were replaced by random words
in training, and by fixed ones in the test.

All figures are on GoEmotions' official test split (5,427 comments) unless said otherwise; thresholds and calibration
come from its dev split.
"""
LIMITS = """## Limits

- Trained on Reddit comments written up to 2019, rated by Indian speakers of English; single sentences only. It is not
  a judge of a person's state of mind and not fit for decisions about people.
- Very rare labels (grief, pride, relief, nervousness: 6 to 23 test rows) are unsteady: they jump between seeds.
- Irony, quoted speech and feelings that need context outside the sentence are often missed.
- Outside Reddit the model says neutral more often than people do, also after the calibration (the table above).
- The data holds offensive language and the bias of its source; names were randomised, other identity terms were not.
- Text is cut at 64 word pieces; split prose into sentences first. English only.
"""


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def kinds_table(metrics: dict[str, Metrics], kind: str) -> str:
    """Compare fp32 with int8 on every label set."""
    rows = []
    for name, full in metrics["fp32"]["label_sets"].items():
        small = metrics["int8"]["label_sets"][name]
        cells = [f"{found['macro_f1']:.4f} / {found['micro_f1']:.4f}" for found in (full, small)]
        rows.append([name, *cells, f"{small['macro_f1'] - full['macro_f1']:+.4f}"])
    text = table(["label set", "fp32 macro / micro F1", "int8 macro / micro F1", "difference in macro"], rows)
    return f"## fp32 and int8\n\n{text}\nServed: {kind}. `sentiment` folds ambiguous into neutral (3 labels); \
`grouping` is the paper's four: positive, negative, ambiguous, neutral.\n"


def seeds_table(seeds: dict[str, Metrics]) -> str:
    """Show the label sets of every run, by its name, with mean and deviation."""
    sets = list(next(iter(seeds.values()))["label_sets"])
    values = {name: [found["label_sets"][name]["macro_f1"] for name in sets] for name, found in seeds.items()}
    rows = [[name, *(f"{value:.4f}" for value in found)] for name, found in values.items()]
    if len(seeds) > 1:
        rows.append(
            ["mean ± sd", *(f"{mean(found):.4f} ± {stdev(found):.4f}" for found in zip(*values.values(), strict=True))]
        )
    return "## Seeds (int8, macro-F1)\n\n" + table(["run", *sets], rows)


def labels_table(metrics: Metrics) -> str:
    """Show precision, recall and F1 of every label."""
    rows = [
        [head, label, *(f"{found[key]:.3f}" for key in ("precision", "recall", "f1")), str(found["rows"])]
        for head in ("ekman", "sentiment", "goemotions")
        for label, found in metrics["label_sets"][head]["labels"].items()
    ]
    return "## Labels\n\n" + table(["set", "label", "precision", "recall", "F1", "rows"], rows)


def calibration_table(metrics: Metrics) -> str:
    """Show the expected calibration error before and after, and the single decisions."""
    rows = [
        [name, f"{found['calibration_error_raw']:.4f}", f"{found['calibration_error']:.4f}"]
        for name, found in metrics["label_sets"].items()
    ]
    errors = table(["label set", "ECE of raw sigmoid", "ECE calibrated"], rows)
    emotion = [
        [when, *(f"{metrics[when]['emotion'][key]:.3f}" for key in metrics["after"]["emotion"])]
        for when in ("before", "after")
    ]
    single = table(["top emotion", *metrics["after"]["emotion"]], emotion)
    keys = ("accuracy", "macro_f1", "neutral_said", "neutral_true")
    pairs = [
        [name, *(f"{metrics['before']['sentiment'][name][key]:.3f} → {found[key]:.3f}" for key in keys)]
        for name, found in metrics["after"]["sentiment"].items()
    ]
    sets = table(["set", *keys], pairs)
    mixed = ", ".join(f"{key} {value:.3f}" for key, value in metrics["after"]["mixed"].items())
    valence = ", ".join(
        f"{name} {metrics['before']['valence_by_emotion'][name]:.3f} → {value:.3f}"
        for name, value in metrics["after"]["valence_by_emotion"].items()
    )
    return (
        f"## Calibration\n\n{errors}\nSingle decisions, fitted on GoEmotions dev alone (before) and with half of the "
        f"outside sets (after). The outside sets are judged on their other half.\n\n{single}\n{sets}\n"
        f"Mixed on GoEmotions test: {mixed}. Sentiment told from the top emotion alone, macro-F1: {valence}.\n"
    )


def voice_table(metrics: Metrics) -> str:
    """Show what the high-precision thresholds for choosing a speaking style give."""
    rows = [[name, f"{f['precision']:.3f}", f"{f['recall']:.3f}"] for name, f in metrics["voice"].items()]
    intro = "Thresholds chosen for a precision of 0.75 on dev; 1.0 in the manifest means never.\n\n"
    return "## Choosing a voice\n\n" + intro + table(["emotion", "precision", "recall"], rows)


def model_card(
    metrics: dict[str, Metrics], kind: str, seeds: dict[str, Metrics], settings: dict[str, Any], times: str
) -> str:
    """Return the whole card as Markdown."""
    chosen = ", ".join(f"{name} {Path(str(value)).name}" for name, value in settings.items() if value != "")
    parts = [
        INTRODUCTION.format(settings=f"`{chosen}`."),
        kinds_table(metrics, kind),
        seeds_table(seeds),
        calibration_table(metrics[kind]),
        voice_table(metrics[kind]),
        f"## Time per sentence, one thread\n\n```\n{times}```\n",
        labels_table(metrics[kind]),
        LIMITS,
    ]
    return "\n".join(parts)
