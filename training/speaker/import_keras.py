"""Make a gender or age network on librosa's mel power, as Keras saved it, a model that the speaker service serves.

    python -m training.speaker.import_keras model.h5 MODELS --name mine --licence MIT --speech-from models/gender/1
    python -m training.speaker.import_keras age.keras MODELS --name mine-age --labels teens,twenties,thirties ...

The network takes the mean over time of `librosa.feature.melspectrogram`, 128 bands. Only networks of well-known layers
are taken: .h5 and .keras files can hold code, and none of it ever runs. It knows neither what speech is nor several
voices: the graph of a Timbre gender model, which goes into the new model, does. Nothing is left of what cannot be
imported.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from services.speaker.engines.mel import SPEECH_FILE, Mel
from services.speaker.engines.onnx import Onnx
from shared.objects import open_objects
from shared.problems import Problem
from shared.store import LocalModel, ModelStore
from shared.store.manifest import Manifest
from shared.store.names import check_name
from shared.store.publish import put_model, seal
from training.shared.keras_files import opened
from training.shared.keras_layers import UnsafeModel
from training.speaker.mel_facts import CARD, Facts, card_of, manifest_of
from training.speaker.scores import Scores, scores_of

_GRAPH = "model.onnx"


def import_model(source: Path, models: str, name: str, version: str, speech_folder: Path, facts: Facts) -> Manifest:
    """Publish a model in the store `models`, nothing before it was opened. Raises UnsafeModel, Problem, OSError."""
    check_name(name, "model"), check_name(version, "version")
    scores = scores_of(facts.labels)
    speech = _open_speech(speech_folder)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, name)
        folder.mkdir()
        shutil.copyfile(speech_folder / _GRAPH, folder / SPEECH_FILE)
        weights = _convert(source, scores, folder / _GRAPH)
        manifest = seal(folder, name, version, manifest_of(scores, facts, *speech))
        (folder / CARD).write_text(card_of(source, weights, facts, manifest, speech[0]), encoding="utf-8")
        Mel(scores.task, LocalModel(folder, manifest), threads=1)
        return put_model(open_objects(models), folder, name, version)


def _open_speech(folder: Path) -> tuple[Manifest, Onnx]:
    store, name, version = folder.absolute().parents[1], folder.absolute().parent.name, folder.absolute().name
    model = ModelStore(str(store), store).fetch(name, version)
    return model.manifest, Onnx("speaker-gender", model, threads=1)


def _convert(source: Path, scores: Scores, target: Path) -> int:
    """Write the ONNX file; return the number of weights."""
    with opened(source) as file:
        from training.speaker.mel_network import write_network  # takes seconds, which a refused file need not cost

        return write_network(file, scores, target)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help=".h5 or .keras file")
    parser.add_argument("models", metavar="MODELS", help="the model store: a folder or s3://bucket/prefix")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="1")
    parser.add_argument(
        "--labels",
        default="male",
        help="with commas between them, in the order of the outputs: male, "
        "female, both, or Common Voice's age groups; default: male",
    )
    parser.add_argument("--speech-from", type=Path, required=True, help="folder of a Timbre gender model")
    parser.add_argument("--licence", required=True, help="of the network")
    parser.add_argument("--noncommercial", action="store_true", help="the licence allows no commercial use")
    parser.add_argument(
        "--data", nargs=3, action="append", default=[], metavar=("NAME", "LICENCE", "SOURCE"), help="it was trained on"
    )
    parser.add_argument("--language", action="append", default=[], help="BCP 47, such as en")
    return parser


def main(given: Sequence[str] | None = None) -> int:
    """Read the command line and import; return the exit status."""
    told = _parser().parse_args(given)
    data = [dict(zip(("name", "licence", "source"), each, strict=True)) for each in told.data]
    facts = Facts(tuple(told.labels.split(",")), told.licence, told.noncommercial, data, told.language)
    try:
        manifest = import_model(told.file, told.models, told.name, told.version, told.speech_from, facts)
    except (UnsafeModel, Problem, OSError) as error:
        sys.stderr.write(f"{told.file} was not imported: {error}\n")
        return 1
    sys.stdout.write(f"{manifest.name}/{manifest.version}: {manifest.task}, {manifest.licence}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
