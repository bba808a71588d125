"""Make a data set of a voice that speaks already: `python -m training.voices.demo.teacher FOLDER --minutes 120`.

The voice is one of the TTS service's, what it says is made up, and the folder is laid out as LJSpeech is. So the recipe
can be tried, and judged against its teacher, where nobody's recordings are at hand.
"""

import argparse
import asyncio
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import pocketsphinx
import soundfile
from rich.progress import Progress

from services.tts.engines.flite import Flite
from services.tts.front_end import spoken_words
from services.tts.speech import Samples, Utterance
from training.shared.workers import cores
from training.voices.demo.sentences import dictionary_words, sentences

DICTIONARY = Path(pocketsphinx.get_model_path(), "en-us", "cmudict-en-us.dict")
METADATA, SOUNDS = "metadata.csv", "wavs"
_VOICE, _LANGUAGE = "slt", "en-us"
_AT_ONCE = 8


async def teach(folder: Path, minutes: float, texts: Iterator[str]) -> None:
    """Speak texts until there are so many minutes of sound; metadata.csv is written last."""
    (folder / SOUNDS).mkdir(parents=True, exist_ok=True)
    engine, rows, seconds = Flite(cores()), list[tuple[str, str, str]](), 0.0
    await engine.start()
    with Progress() as progress:
        shown = progress.add_task("speaking", total=minutes * 60)
        while seconds < minutes * 60:
            said = list(islice(texts, _AT_ONCE))
            for text, (samples, rate_hz) in zip(
                said, await asyncio.gather(*(_spoken(engine, text) for text in said)), strict=True
            ):
                id = f"demo-{len(rows):05d}"
                soundfile.write(folder / SOUNDS / f"{id}.wav", samples, rate_hz, "PCM_16")
                rows.append((id, text, text))
                seconds += len(samples) / rate_hz
            progress.update(shown, completed=seconds)
    await engine.close()
    with (folder / METADATA).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter="|", quoting=csv.QUOTE_NONE, quotechar=None).writerows(rows)


async def _spoken(engine: Flite, text: str) -> tuple[Samples, int]:
    speech = await engine.speak(Utterance(spoken_words(text, _LANGUAGE), _VOICE, _LANGUAGE))
    return speech.samples, speech.sample_rate_hz


def main() -> None:
    """Read the command line and speak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dictionary", type=Path, default=DICTIONARY, help="words in CMU's format")
    arguments = parser.parse_args()
    words = dictionary_words(arguments.dictionary)
    asyncio.run(teach(arguments.folder, arguments.minutes, sentences(Random(arguments.seed), words)))  # noqa: S311


if __name__ == "__main__":
    main()
