"""A real voice speaks what is checked: clean recordings of sentences that all differ."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import boto3
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.tts.engines.flite import Flite
from services.tts.normalise import normalise
from services.tts.speech import SpokenWord, Utterance
from shared.text.document import Run
from tests.shared.objects.s3_server import new_bucket, running_s3

SENTENCES = (
    "The morning train leaves the harbour at half past seven, whatever the weather may be.",
    "Nobody had told the gardener that roses would never grow beside the old stone wall.",
    "She counted the coins twice, and put them back into the small wooden box.",
    "Did you hear how the river rose above the bridge during the night?",
    "A good carpenter measures his timber carefully before he reaches for the saw.",
    "Seventeen ships were waiting outside the bay for the fog to lift.",
    "The children laughed so loudly that the teacher had to close her book.",
    "Far below the surface, pale fishes move slowly through water that is always cold.",
    "My uncle keeps bees, and sells their honey on the market every Saturday.",
    "Please put the letters on the table, and leave the keys with the porter.",
    "When the music stopped, an odd silence filled the crowded hall.",
    "He wrote his first novel in a kitchen, between midnight and the first bus.",
    "The doctor advised him to walk more, to worry less, and to sleep eight hours.",
    "Why should anyone pay for bread that tastes of nothing but flour?",
    "Under the roof we found old maps, a broken violin, and three hundred photographs.",
    "The judge listened patiently, although she had made up her mind long before.",
)
RATE_HZ = 16_000
Samples = NDArray[np.float32]


class Take(NamedTuple):
    """One recording of a data set that a test writes."""

    id: str
    text: str
    samples: Samples


@dataclass
class DataSet:
    """A folder in LJSpeech's layout; change its takes and lines, then write it."""

    folder: Path
    takes: dict[str, Take]
    lines: list[str] = field(default_factory=list)
    suffix: str = ".wav"

    def change(self, id: str, samples: Samples | None = None, text: str | None = None) -> None:
        """Plant a fault in one recording."""
        take = self.takes[id]
        self.takes[id] = Take(id, take.text if text is None else text, take.samples if samples is None else samples)

    def write(self, sub: str = "") -> str:
        """Write all, below `sub`, and return the folder as a location."""
        folder = self.folder / sub
        (folder / "wavs").mkdir(parents=True, exist_ok=True)
        for take in self.takes.values():
            soundfile.write(folder / "wavs" / f"{take.id}{self.suffix}", take.samples, RATE_HZ, subtype="PCM_16")
        told = [f"{take.id}|{take.text}|{take.text}" for take in self.takes.values()]
        (folder / "metadata.csv").write_text("\n".join([*told, *self.lines]) + "\n", encoding="utf-8")
        return str(self.folder)


async def _spoken(texts: tuple[str, ...], voice: str) -> list[Samples]:
    engine = Flite(slots=2)
    await engine.start()
    try:
        utterances = [_utterance(text, voice) for text in texts]
        return [(await engine.speak(utterance)).samples for utterance in utterances]
    finally:
        await engine.close()


def _utterance(text: str, voice: str) -> Utterance:
    tokens = normalise(Run(text, tuple(range(len(text) + 1))), "en-us")
    return Utterance(
        tuple(SpokenWord(" ".join(token.spoken), after=token.trailing) for token in tokens), voice, "en-us"
    )


@pytest.fixture(scope="session")
def spoken() -> dict[str, Take]:
    """The sentences, spoken once for all tests."""
    sounds = asyncio.run(_spoken(SENTENCES, "slt"))
    pairs = zip(SENTENCES, sounds, strict=True)
    return {f"S{number:02d}": Take(f"S{number:02d}", text, sound) for number, (text, sound) in enumerate(pairs)}


@pytest.fixture
def data_set(tmp_path: Path, spoken: dict[str, Take]) -> DataSet:
    """A clean data set that is not written yet."""
    return DataSet(tmp_path / "data", dict(spoken))


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with running_s3() as address:
        yield address


@pytest.fixture
def upload(s3: str) -> Callable[[Path], str]:
    """Put a folder into a bucket of its own and return its location."""

    def put(folder: Path) -> str:
        client = boto3.client("s3")
        bucket = new_bucket(client)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                client.upload_file(str(path), bucket, f"voice/{path.relative_to(folder).as_posix()}")
        return f"s3://{bucket}/voice"

    return put
