"""Tell whether voices are heard in the emotions that are meant: `python -m training.voices.listener COMMAND`.

What is learned from recordings of people is never written down but as figures: each call learns anew.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from shared.command_line import show_any_name, status_of
from shared.text.document import EMOTIONS
from training.voices.demo.sentences import sentences
from training.voices.listener import table
from training.voices.listener.acted import Heard, acted, joined
from training.voices.listener.classifier import KINDS, Listener, best_of, left_out, recall
from training.voices.listener.figures import Figures, of_speech, of_voice
from training.voices.listener.judging import told_of
from training.voices.listener.pictures import draw

FIGURES, PICTURE = "listener.json", "listener.png"
_CACHE = Path("~/.cache/timbre/listener").expanduser()
_WORDS = ("garden", "river", "copper", "window", "silver", "morning", "hollow", "marble", "lantern", "feather")


def train(chosen: argparse.Namespace) -> int:
    """Print how well each kind of classifier hears actors that it never heard."""
    heard = joined([acted(folder, chosen.cache) for folder in chosen.train])
    figures = _learned(heard, [emotion for emotion in EMOTIONS if emotion in heard.emotions])
    _finish(figures, [*table.of_listener(figures)], chosen.out)
    return 0


def judge(chosen: argparse.Namespace) -> int:
    """Print how often real speech, and each voice, is heard as it is meant."""
    known, real = joined([acted(folder, chosen.cache) for folder in chosen.train]), acted(chosen.real, chosen.cache)
    emotions = [emotion for emotion in EMOTIONS if emotion in known.emotions and emotion in real.emotions]
    known, real = known.only(emotions), real.only(emotions)
    figures = _learned(known, emotions)
    listener = Listener(figures["classifier"], known)
    figures["real"] = of_speech(real.emotions, listener.told(real), emotions)
    texts = _texts(chosen)
    told = {name: asyncio.run(told_of(name, listener, texts, emotions)) for name in chosen.voice}
    figures["voices"] = {name: of_voice(each, emotions) for name, each in told.items()}
    lines = [*table.of_listener(figures)]
    for name, voice in figures["voices"].items():
        lines += ["", *table.of_voice(name, voice, figures)]
    _finish(figures, lines, chosen.out)
    return 0


def _learned(known: Heard, emotions: Sequence[str]) -> Figures:
    """Return how well unheard speakers are heard, by each kind and in detail by the best."""
    told = {kind: left_out(kind, known) for kind in KINDS}
    best = best_of(told, known)
    return {
        "emotions": list(emotions),
        "kinds": {kind: round(recall(known.emotions, each), 4) for kind, each in told.items()},
        "classifier": best,
        "speakers": len(set(known.speakers)),
        "acted": of_speech(known.emotions, told[best], emotions),
    }


def _texts(chosen: argparse.Namespace) -> list[str]:
    if chosen.texts:
        lines = chosen.texts.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.strip()][: chosen.sentences]
    return list(islice(sentences(Random(chosen.seed), _WORDS), chosen.sentences))  # noqa: S311


def _finish(figures: Figures, lines: Sequence[str], out: Path | None) -> None:
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / FIGURES).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        draw(out / PICTURE, figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    learning = commands.add_parser("train", help="learn from actors, and tell how well actors unheard are understood")
    learning.add_argument("train", type=Path, nargs="+", metavar="FOLDER", help="acted speech, such as RAVDESS")
    learning.set_defaults(do=train)
    judging = commands.add_parser("judge", help="tell how often voices are heard as they are meant")
    judging.add_argument("--train", type=Path, nargs="+", required=True, metavar="FOLDER", help="acted speech")
    judging.add_argument(
        "--real", type=Path, required=True, metavar="FOLDER", help="acted speech of others, never learned"
    )
    judging.add_argument(
        "--voice", nargs="+", default=[], help="a voice of flite, or a folder of model.onnx and facts.json"
    )
    judging.add_argument("--sentences", type=int, default=40, help="how many a voice says (default: %(default)s)")
    judging.add_argument("--texts", type=Path, help="what it says, a sentence a line (default: sentences made up)")
    judging.add_argument("--seed", type=int, default=7, help="of the sentences made up (default: %(default)s)")
    judging.set_defaults(do=judge)
    for command in (learning, judging):
        command.add_argument("--out", type=Path, help=f"folder that gets {FIGURES} and {PICTURE}")
        command.add_argument(
            "--cache", type=Path, default=_CACHE, help="keeps what was measured (default: %(default)s)"
        )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    show_any_name()
    chosen = _parser().parse_args(arguments)
    do: Callable[[argparse.Namespace], int] = chosen.do
    return status_of(lambda: do(chosen))


if __name__ == "__main__":
    sys.exit(main())
