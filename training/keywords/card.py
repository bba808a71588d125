"""Write the model card from what was measured."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.keywords.data import FULL_SET_CLIPS, TEN_COMMANDS

Json = dict[str, Any]

_INTRODUCTION = """# {name}

Hears which of {count} spoken commands a second of sound holds, or that it holds none: another word (`unknown`), or no
speech (`silence`). In longer recordings it finds every command and its times. Words: {words}.

{network} of {weights:,} weights on 40 log-mel bands, run without TensorFlow by `services/keywords`. Made by
`make train MODEL=keywords DATA=folder` (training/keywords/run.sh). Settings of the run that was judged:
`{settings}`.

**Data.** {clips:,} clips of {speakers} speakers were learned from in the judged run; the validation speakers placed
thresholds and calibration, and all figures are of the test speakers, none of whom was heard before. Speech that goes on
and noise stand for all that is no command.
"""

_NETWORKS = {
    "resnet": "A residual network",
    "attentive": "A residual network with two layers of self-attention",
    "bcresnet": "BC-ResNet-3",
}

_TAUGHT = """**Taught:** beside the labels it learned what larger networks say of the same varied recordings
({teachers}). These learned from the same speakers by labels alone.
"""

_LESS_DATA = """**This is a small part of Speech Commands:** {clips:,} clips to learn from, of {full:,} in the full set.
Published on the full set: BC-ResNet-1 96.9 %, BC-ResNet-8 98.7 % (Kim et al. 2021, arXiv:2106.04140). To train on all
of it, unpack the set and call `make train MODEL=keywords DATA=speech_commands SPEECH=librispeech`.
"""

_FINAL = """**The weights that are served** come from the same recipe with all speakers learned from, the test ones too,
since a shipped model should waste no speaker. Their own accuracy on unseen speakers cannot be measured with this data;
the judged run's is a fair, rather low guess of it.
"""

_SHORT_RUNS = """Short runs ({epochs} epochs of all the data, more passes over less) of the network without teachers:
the last row is not the accuracy of the model served; what counts is how the error falls with the data.
"""

_LIMITS = """## Limits

- English, single words, adults' voices mostly; recorded with laptops and phones. It knows nothing of sentences.
- Read speech was LibriSpeech's; television and conversations are other speech, and will be heard wrongly more often.
- Short words (`go`, `no`, `on`, `up`) are confused most; allow only the words you need in a call.
- It is no lock: anyone's voice, and a recording, is heard.
"""


def model_card(name: str, run: Path, final: Path, seed: Path | None, data: Sequence[dict[str, str]]) -> str:
    """Return the card of a packaged run as Markdown."""
    metrics, settings = (json.loads((run / file).read_text()) for file in ("metrics.json", "settings.json"))
    parts = [
        _introduction(name, metrics, settings),
        _TAUGHT.format(teachers=", ".join(metrics["teachers"])) if metrics["teachers"] else "",
        _data(data),
        _less_data(metrics),
        _FINAL if final != run else "",
        _accuracy(metrics, seed),
        _stream(metrics["stream"]),
        _noise(metrics["noise"]),
        _words(metrics["clips"]["test"]),
        _amounts(run.parent / "amounts" / "amounts.csv"),
        _LIMITS,
    ]
    return "\n".join(part for part in parts if part)


def _introduction(name: str, metrics: Json, settings: Json) -> str:
    words = metrics["clips"]["test"]["labels"][:-2]
    chosen = {key: value for key, value in settings.items() if key not in ("variation", "mixture", "teachers")}
    network = _NETWORKS.get(settings["model"], settings["model"])
    facts = metrics["learned"] | {"settings": json.dumps(chosen), "network": network}
    return _INTRODUCTION.format(name=name, count=len(words), words=", ".join(words), **facts)


def _less_data(metrics: Json) -> str:
    are_known = set(metrics["clips"]["test"]["labels"][:-2]) == set(TEN_COMMANDS)
    clips = metrics["learned"]["clips"]
    is_small = are_known and clips < FULL_SET_CLIPS / 2
    return _LESS_DATA.format(clips=clips, full=FULL_SET_CLIPS) if is_small else ""


def _data(data: Sequence[dict[str, str]]) -> str:
    columns = ("name", "licence", "source", "use")
    return _table(["recordings", *columns[1:]], [[one[column] for column in columns] for one in data]) if data else ""


def _accuracy(metrics: Json, seed: Path | None) -> str:
    test, validation = metrics["clips"]["test"], metrics["clips"]["validation"]
    rows = [["the judged run, as served", _percent(validation["accuracy"]), _percent(test["accuracy"])]]
    rows += [[f"its teacher {name}", *map(_percent, accuracies)] for name, accuracies in metrics["teachers"].items()]
    if seed:
        found = json.loads((seed / "seed.json").read_text())
        rows.append(["the seed's CNN on MFCCs, 40 epochs", _percent(found["validation"]), _percent(found["test"])])
    counts = f"{test['clips']} clips of the test speakers. Expected calibration error {test['calibration_error']:.3f}."
    table = _table(["model", "validation speakers", "test speakers"], rows)
    return f"## Accuracy\n\nOver all labels, unknown and silence among them; {counts}\n\n{table}"


def _stream(stream: Json) -> str:
    rows = [
        [name, f"{found['hours']:.2f}", f"{found['false_accepts_per_hour']:.2f}", _listed(found["words"])]
        for name, found in (stream["speech"] | {"all": stream["all"]}).items()
    ]
    names = list(stream["speech"])
    points = [
        [f"{point['threshold']:.3f}", f"{point['kept']:.3f}", *(f"{point[name]:.2f}" for name in names)]
        for point in stream["points"]
        if point["threshold"] >= 0.5
    ]
    heard = _heard_falsely(rows) if names else "No speech without commands was at hand to measure false accepts with."
    return (
        f"## In sound that goes on\n\nThe threshold of {stream['threshold']:.3f} keeps {stream['kept']:.1%} of the "
        f"commands of validation and test speakers. {heard}\n"
        "At other thresholds, the commands kept and false accepts an hour:\n\n"
        + _table(["threshold", "commands kept", *names], points)
    )


def _heard_falsely(rows: Sequence[Sequence[str]]) -> str:
    table = _table(["speech", "hours", "false accepts an hour", "words"], rows)
    return f"What it hears in speech without commands:\n\n{table}"


def _noise(noise: dict[str, float]) -> str:
    rows = [[f"{ratio} dB", _percent(value)] for ratio, value in noise.items()]
    return "## With noise\n\n" + _table(["signal to noise", "accuracy"], rows)


def _words(test: Json) -> str:
    rows = [
        [word, *(f"{found[key]:.3f}" for key in ("precision", "recall", "f1")), str(found["clips"])]
        for word, found in test["words"].items()
    ]
    return "## Words\n\n" + _table(["label", "precision", "recall", "F1", "clips"], rows)


def _amounts(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(newline="") as file:
        rows = [[row["share"], row["clips"], row["error"]] for row in csv.DictReader(file)]
    promise = (path.parent / "promise.txt").read_text().strip()
    table = _table(["share of speakers", "clips", "error on test speakers"], rows)
    epochs = json.loads((path.parent / f"{float(rows[-1][0]):g}" / "settings.json").read_text())["epochs"]
    return f"## More data\n\n{_SHORT_RUNS.format(epochs=epochs)}\n{table}\n{promise}\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _listed(words: dict[str, int]) -> str:
    return ", ".join(f"{word} {count}" for word, count in words.items()) or "none"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
