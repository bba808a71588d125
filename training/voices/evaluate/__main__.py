"""Judge an exported voice by recordings that it has not heard: `python -m training.voices.evaluate DATA NETWORK OUT`.

OUT gets figures.json, pictures and sample sounds. A network that was judged already is not judged again.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import soundfile

from shared.command_line import status_of
from shared.problems import Problem
from shared.store.verify import sha256_of
from training.voices.corpus import Corpus, open_corpus
from training.voices.evaluate.figures import Figures, read_figures, write_figures
from training.voices.evaluate.folder import MOST_SAMPLES, SAMPLE_SUFFIX, SAMPLES
from training.voices.evaluate.held_out import Held, held_out
from training.voices.evaluate.measuring import comparable, measured
from training.voices.evaluate.pictures import (
    Pair,
    draw_emotions,
    draw_f0,
    draw_spectrograms,
    draw_training,
)
from training.voices.evaluate.speaking import TrainedVoice
from training.voices.facts import NETWORK
from training.voices.history import read_history
from training.voices.splits import split

_MOST_HELD_OUT = 60


def evaluate(corpus: Corpus, network: Path, out: Path, run: Path | None, most: int = _MOST_HELD_OUT) -> Figures:
    """Write everything into `out`, the figures last. Raises NotFound, InvalidInput, ModelCorrupt, EngineFailed."""
    sha256 = sha256_of(network / NETWORK)
    voice = TrainedVoice(network)
    held = held_out(voice, split(corpus.recordings).evaluation, most)
    figures = measured(voice, held, corpus.recordings, sha256)
    out.mkdir(parents=True, exist_ok=True)
    _write_samples(out / SAMPLES, voice, held)
    _draw(out, figures, held, read_history(run) if run else [])
    write_figures(out, figures)
    return figures


def is_judged(network: Path, out: Path) -> bool:
    """Tell whether the figures there are of this network."""
    try:
        return read_figures(out).network_sha256 == sha256_of(network / NETWORK)
    except (Problem, OSError):
        return False


def _write_samples(folder: Path, voice: TrainedVoice, held: Sequence[Held]) -> None:
    """Keep a sentence of each of the first emotions, or a few of the only one, as the voice says it."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"*{SAMPLE_SUFFIX}"):
        old.unlink()
    for number, each in enumerate(_emotions_first(held)[:MOST_SAMPLES], start=1):
        path = folder / f"{number}-{each.recording.emotion}{SAMPLE_SUFFIX}"
        soundfile.write(path, each.spoken_by_voice.samples, voice.sample_rate_hz, "VORBIS", format="OGG")


def _emotions_first(held: Sequence[Held]) -> list[Held]:
    """Return them with one of each emotion in front."""
    firsts = {each.recording.emotion: each for each in reversed(held)}.values()
    return [*reversed(firsts), *(each for each in held if each not in firsts)]


def _draw(out: Path, figures: Figures, held: Sequence[Held], history: Sequence[dict[str, float]]) -> None:
    pairs = [Pair(each.title, each.real, each.spoken) for each in _emotions_first(comparable(held) or held)]
    draw_spectrograms(out / "spectrograms.png", pairs)
    if figures.compared:
        draw_f0(out / "f0.png", pairs)
    if figures.emotions:
        draw_emotions(out / "emotions.png", figures.emotions)
    if history:
        draw_training(out / "training.png", history)


def main() -> int:
    """Read the command line, judge, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder or s3://bucket/prefix with the recordings")
    parser.add_argument("network", type=Path, help="folder of an export: model.onnx and facts.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--run", type=Path, help="folder of the training, for its curve")
    parser.add_argument("--scratch", type=Path, help="where the recordings of a bucket are kept (default: OUT/copies)")
    parser.add_argument("--most", type=int, default=_MOST_HELD_OUT, help="recordings to compare (default: %(default)s)")
    chosen = parser.parse_args()

    def run() -> int:
        if not is_judged(chosen.network, chosen.out):
            corpus = open_corpus(chosen.data, chosen.scratch or chosen.out / "copies")
            evaluate(corpus, chosen.network, chosen.out, chosen.run, chosen.most)
        for name, value in read_figures(chosen.out).metrics().items():
            if not isinstance(value, dict):
                sys.stdout.write(f"{name}  {value}\n")
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
