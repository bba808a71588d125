"""Make the tutorials' CNN, as Keras saved it, a model that the keywords service serves.

    python -m training.keywords.import_seed model.h5 OUT --mapping data.json
    python -m training.keywords.import_seed model.keras models/my-words/1 --labels yes,no,up

Only networks of well-known layers are taken: .h5 and .keras files can hold code, and none of it ever runs. OUT must not
be there yet; its last two parts name the model and its version.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.keywords.engine import SILENCE, UNKNOWN
from services.keywords.mfcc import Mfcc
from shared.problems import Json, Problem
from shared.store.manifest import Manifest
from shared.store.names import check_name
from shared.store.publish import seal
from training.keywords import folders
from training.shared.keras_files import opened
from training.shared.keras_layers import UnsafeModel

_MFCC = Mfcc()
_LABELS = {folders.SILENCE: SILENCE, folders.NOISE: SILENCE, folders.UNKNOWN: UNKNOWN}
"""Folders of Speech Commands that are no words."""
_CARD = """# {name}

A network that Keras saved, imported by `training.keywords.import_seed`: {bins} MFCCs of {frames} frames, as
librosa takes them, of one second at {rate} Hz. File: sha256 `{sha256}`. {weights:,} weights.

It hears {labels}.

**Licence:** {licence}. **Data:** {data}.

Nothing was measured by the import but that ONNX and Keras give the same scores. The thresholds ({clip} for a clip,
{stream} in a long recording) are those given to it, not found on recordings.{missing}
"""
_MISSING = """

It has no class for {missing}: a network of the tutorials takes any sound for one of its words, often with
a high score."""


@dataclass(frozen=True)
class Facts:
    """What the file does not say."""

    labels: tuple[str, ...]
    licence: str
    training_data: list[dict[str, str]]
    languages: list[str]
    clip: float
    stream: float


def import_model(source: Path, out: Path, facts: Facts) -> Manifest:
    """Write a model folder; raises UnsafeModel, Problem, OSError. Nothing is left of one that cannot be imported."""
    name, version = check_name(out.absolute().parent.name, "model"), check_name(out.name, "version")
    out.mkdir(parents=True)
    try:
        weights = _convert(source, out / "model.onnx", facts.labels)
        (out / "MODEL_CARD.md").write_text(_card(name, source, weights, facts), encoding="utf-8")
        return seal(out, name, version, _manifest(facts))
    except BaseException:  # Ctrl-C, too: half a model is none
        for file in out.iterdir():
            file.unlink()
        out.rmdir()
        raise


def read_mapping(path: Path) -> tuple[str, ...]:
    """Return the labels of a tutorial's JSON, in order: the last part of each folder that it names.

    Raises UnsafeModel, OSError.
    """
    try:
        folder_names = json.loads(path.read_bytes())["mapping"]
        return tuple(name.replace("\\", "/").rstrip("/").rpartition("/")[2] for name in folder_names)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnsafeModel('The mapping is no JSON with a list of names, "mapping".') from error


def _convert(source: Path, target: Path, labels: Sequence[str]) -> int:
    """Write the ONNX file; return the number of weights."""
    with opened(source) as file:
        from training.keywords import seed_export  # takes seconds, which a refused file need not cost
        from training.shared import keras_network

        model = keras_network.build(file)
        _require_softmax(keras_network.last_activation(model))
        if model.input_shape[1:] != (*_MFCC.shape, 1):
            raise UnsafeModel(f"Its input is {model.input_shape[1:]}, not {(*_MFCC.shape, 1)}: frames, MFCCs, 1.")
        if model.output_shape != (None, len(labels)):
            raise UnsafeModel(f"It gives {model.output_shape[-1]} scores, and {len(labels)} labels were named.")
        seed_export.export(model, target)
        return int(model.count_params())


def _require_softmax(last: str) -> None:
    if last != "softmax":
        raise UnsafeModel(f"Its last layer gives no probabilities: it has {last}, no softmax.")


def _manifest(facts: Facts) -> dict[str, Json]:
    return {
        "task": "spoken-keyword",
        "engine": "onnx",
        "sample_rate_hz": _MFCC.sample_rate_hz,
        "labels": {"keyword": list(_served(facts.labels))},
        "languages": list(facts.languages),
        "licence": facts.licence,
        "training_data": [dict(data) for data in facts.training_data],
        "parameters": {
            "features": asdict(_MFCC),
            "thresholds": {"clip": facts.clip, "stream": facts.stream},
        },
    }


def _served(labels: Sequence[str]) -> list[str]:
    """Return the labels as the service names them. Raises UnsafeModel."""
    served = [_LABELS.get(label, label) for label in labels]
    if len(set(served)) < len(served) or not all(label.isprintable() and label.strip() for label in served):
        raise UnsafeModel(f"Labels must be printable and differ: {', '.join(ascii(label) for label in served)}.")
    return served


def _card(name: str, source: Path, weights: int, facts: Facts) -> str:
    labels = _served(facts.labels)
    missing = " and ".join(f"`{label}`" for label in (UNKNOWN, SILENCE) if label not in labels)
    frames, bins = _MFCC.shape
    return _CARD.format(
        name=name,
        bins=bins,
        frames=frames,
        rate=_MFCC.sample_rate_hz,
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        weights=weights,
        labels=", ".join(labels),
        licence=facts.licence,
        data="; ".join("{name} ({licence}), {source}".format(**data) for data in facts.training_data) or "not stated",
        clip=facts.clip,
        stream=facts.stream,
        missing=_MISSING.format(missing=missing) if missing else "",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help=".h5 or .keras file")
    parser.add_argument("out", type=Path, metavar="OUT", help="new folder, .../NAME/VERSION")
    labels = parser.add_mutually_exclusive_group(required=True)
    labels.add_argument("--labels", help="with commas between them, in the order of the network's scores")
    labels.add_argument("--mapping", type=Path, help="the JSON file that the network was trained on")
    parser.add_argument("--licence", default="not stated", help="of the network")
    parser.add_argument(
        "--data", nargs=3, action="append", default=[], metavar=("NAME", "LICENCE", "SOURCE"), help="it was trained on"
    )
    parser.add_argument("--language", action="append", default=[], help="BCP 47, such as en")
    parser.add_argument("--threshold", type=float, default=0.7, help="from which on a clip's word is taken")
    parser.add_argument("--stream-threshold", type=float, default=0.95, help="the same in long recordings")
    return parser


def main(given: Sequence[str] | None = None) -> int:
    """Read the command line and import; return the exit status."""
    chosen = _parser().parse_args(given)
    try:
        labels = read_mapping(chosen.mapping) if chosen.mapping else tuple(chosen.labels.split(","))
        data = [dict(zip(("name", "licence", "source"), each, strict=True)) for each in chosen.data]
        facts = Facts(labels, chosen.licence, data, chosen.language, chosen.threshold, chosen.stream_threshold)
        manifest = import_model(chosen.model, chosen.out, facts)
    except (UnsafeModel, Problem, OSError) as error:
        sys.stderr.write(f"{chosen.model} was not imported: {error}\n")
        return 1
    sys.stdout.write(f"{chosen.out}: {', '.join(manifest.labels['keyword'])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
