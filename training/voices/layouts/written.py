"""The layout that voices are trained on, written: wavs/ID.flac and metadata.csv, a folder an emotion."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import soundfile

from shared.problems import InvalidInput
from training.shared.sounds import Samples, numbers


class Utterance(NamedTuple):
    """What becomes a line: mono sound, and its words."""

    name: str
    samples: Samples
    sample_rate_hz: int
    text: str
    emotion: str


def write_layout(utterances: Iterable[Utterance], out: Path) -> int:
    """Write all into `out`, whole or not at all, and return how many there are.

    Utterances that are all neutral lie in `out` itself, else each emotion has a folder. Raises InvalidInput where
    `out` is there already, or there are none.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists():
        raise InvalidInput("The folder to write is there already.")
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    lines: dict[str, list[str]] = {}
    for each in utterances:
        (partial / each.emotion / "wavs").mkdir(parents=True, exist_ok=True)
        sound = partial / each.emotion / "wavs" / f"{each.name}.flac"
        soundfile.write(sound, numbers(each.samples), each.sample_rate_hz, subtype="PCM_16")
        lines.setdefault(each.emotion, []).append(f"{each.name}|{each.text}|{each.text}\n")
    for emotion, some in lines.items():
        (partial / emotion / "metadata.csv").write_text("".join(some), encoding="utf-8")
    if not lines:
        raise InvalidInput("There is nothing to write.")
    (partial / "neutral" if list(lines) == ["neutral"] else partial).rename(out)
    shutil.rmtree(partial, ignore_errors=True)
    return sum(map(len, lines.values()))
