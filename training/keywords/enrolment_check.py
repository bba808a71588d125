"""How well a caller's own words are told from others: `python -m training.keywords.enrolment_check MODEL DATA`.

MODEL is a model's folder as it is served. DATA holds custom_keywords (recordings of several words), speech_commands and
librispeech, each with a metadata.csv. Of each word some random recordings are enrolled, and the others are the test:
how many are heard, how many recordings of other words are taken for it, how many clips of Speech Commands and how often
an hour of read speech, of speakers that are in no model's bank. A row is the mean over the draws; below stand the mean
over the words, and standard deviations: between draws of the same word, and between words.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from services.keywords.answers import CLIP_SECONDS
from services.keywords.engine import KeywordEngine, Thresholds
from services.keywords.engines.onnx import Onnx
from services.keywords.enrolment import enrol
from services.keywords.logistic import Scorer
from services.keywords.scanning import CLIP_REACH, STEP_SECONDS, STREAM_REACH, Scanner
from services.keywords.takes import Take, take
from shared.store import LocalModel, Manifest
from training.keywords.folders import Recording, recordings_of
from training.shared.sounds import read_sound

FEWEST_RECORDINGS = 20
"""Of a word that is enrolled; those of rarer words are other words to all."""
_MOST_SECONDS = 60.0
_MOST_SHARE = 0.8
"""Of a word's recordings, that are enrolled: some are left to be heard."""


@dataclass(frozen=True)
class Sound:
    """A recording that is tested with."""

    word: str
    seconds: float
    take: Take


@dataclass(frozen=True)
class Sounds:
    """All that is tested with."""

    words: list[Sound]
    clips: list[Sound]
    speech: list[Sound]


@dataclass(frozen=True)
class Row:
    """One line of the table, all but the last three as shares."""

    recall: float
    """Of the word's recordings, each with the threshold for its length."""
    recall_clip: float
    """The same with the threshold for short ones alone."""
    recall_stream: float
    """The same with the threshold for long ones alone."""
    expected: float
    """Recall as the enrolment itself tells it."""
    others: float
    """Recordings of other words in which the word is heard."""
    clips: float
    """Clips of Speech Commands in which the word is heard."""
    per_hour: float
    """How often the word is heard in an hour of read speech."""
    twice: float
    """Words heard for each recording of one in which it is heard: more than 1 where one is heard twice."""
    stream_threshold: float


def check(sounds: Sounds, engine: KeywordEngine, recordings: int, draws: int) -> Iterator[tuple[str, list[Row]]]:
    """Yield each word and its figures, draw by draw."""
    count = {word: sum(sound.word == word for sound in sounds.words) for word in {each.word for each in sounds.words}}
    for word in sorted(word for word in count if word and count[word] >= FEWEST_RECORDINGS):
        chance = np.random.default_rng(0)
        yield word, [_drawn(word, sounds, engine, recordings, chance) for _ in range(draws)]


def _drawn(word: str, sounds: Sounds, engine: KeywordEngine, recordings: int, chance: np.random.Generator) -> Row:
    own = [sound for sound in sounds.words if sound.word == word]
    order = chance.permutation(len(own))
    learned = min(recordings, int(_MOST_SHARE * len(own)))
    found = enrol([own[place].take for place in order[:learned]], engine.negatives)
    test = [own[place] for place in order[learned:]]
    others = [sound for sound in sounds.words if sound.word != word]
    hear = _hearing(found.scorer, engine)
    least = found.thresholds
    usual = [hear(sound, *_usual(sound, least)) for sound in test]
    return Row(
        recall=_share(usual),
        recall_clip=_share([hear(sound, least.clip, CLIP_REACH) for sound in test]),
        recall_stream=_share([hear(sound, least.stream, STREAM_REACH) for sound in test]),
        expected=_share(found.heard),
        others=_share([hear(sound, *_usual(sound, least)) for sound in others]),
        clips=_share([hear(sound, least.clip, CLIP_REACH) for sound in sounds.clips]),
        per_hour=sum(hear(sound, least.stream, STREAM_REACH) for sound in sounds.speech)
        * 3600
        / _seconds(sounds.speech),
        twice=sum(usual) / max(1, int(np.count_nonzero(usual))),
        stream_threshold=least.stream,
    )


def _hearing(scorer: Scorer, engine: KeywordEngine) -> Callable[[Sound, float, int], int]:
    """Return what tells how often the word is heard in a sound, from a score on."""
    window_seconds = engine.features.window_samples / engine.features.sample_rate_hz

    def heard(sound: Sound, least: float, reach: int) -> int:
        scanner = Scanner(np.array([least], np.float32), apart=round(window_seconds / STEP_SECONDS), reach=reach)
        scores = scorer.scores(sound.take.embeddings)[:, None].astype(np.float32)
        return len(scanner.feed(scores)) + len(scanner.finish())

    return heard


def _usual(sound: Sound, thresholds: Thresholds) -> tuple[float, int]:
    """Return the score from which on, and the reach with which, the service hears a word in such a sound."""
    is_clip = sound.seconds <= CLIP_SECONDS
    return (thresholds.clip, CLIP_REACH) if is_clip else (thresholds.stream, STREAM_REACH)


def _share(counts: Sequence[int]) -> float:
    return np.count_nonzero(counts) / len(counts)


def _seconds(sounds: Sequence[Sound]) -> float:
    return sum(sound.seconds for sound in sounds)


def _mean(rows: Sequence[Row]) -> Row:
    return Row(*np.mean(_numbers(rows), axis=0).tolist())


def _deviation(rows: Sequence[Row]) -> Row:
    """Return the sample standard deviation of each figure; that of one row is told as 0."""
    return Row(*np.std(_numbers(rows), axis=0, ddof=min(1, len(rows) - 1)).tolist())


def _numbers(rows: Sequence[Row]) -> list[tuple[float, ...]]:
    return [astuple(row) for row in rows]


def _read(recordings: Sequence[Recording], engine: KeywordEngine) -> list[Sound]:
    rate_hz = engine.features.sample_rate_hz
    read = ((each.word, read_sound(each.path, rate_hz, _MOST_SECONDS)) for each in recordings)
    return [Sound(word, len(samples) / rate_hz, take(samples, engine)) for word, samples in read]


def _tested(folder: Path, *splits: str) -> list[Recording]:
    return [each for each in recordings_of(folder) if each.split in splits and not each.word.startswith("_")]


def _line(name: str, row: Row) -> str:
    values = [getattr(row, field.name) for field in fields(Row)]
    return f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of the model, with model.onnx and manifest.json")
    parser.add_argument("data", type=Path, help="folder with custom_keywords, speech_commands and librispeech")
    parser.add_argument("--recordings", type=int, default=20, help="how many recordings are enrolled")
    parser.add_argument("--draws", type=int, default=5, help="how often others are drawn")
    given = parser.parse_args(arguments)
    manifest = Manifest.model_validate_json((given.model / "manifest.json").read_bytes())
    engine = Onnx(LocalModel(given.model, manifest), threads=1)
    sounds = Sounds(
        _read(recordings_of(given.data / "custom_keywords"), engine),
        _read(_tested(given.data / "speech_commands", "test"), engine),
        _read(_tested(given.data / "librispeech", "validation", "test"), engine),
    )
    sys.stdout.write(f"{_seconds(sounds.speech) / 3600:.2f} hours of read speech, {len(sounds.clips)} clips\n\n")
    names = [field.name for field in fields(Row)]
    sys.stdout.write("| word | " + " | ".join(names) + " |\n|---" + "|---" * len(names) + "|\n")
    words = []
    for word, drawn in check(sounds, engine, given.recordings, given.draws):
        words.append(drawn)
        sys.stdout.write(_line(word, _mean(drawn)))
        sys.stdout.flush()
    means = [_mean(drawn) for drawn in words]
    sys.stdout.write(_line("mean", _mean(means)))
    sys.stdout.write(_line("deviation between draws", _mean([_deviation(drawn) for drawn in words])))
    sys.stdout.write(_line("deviation between words", _deviation(means)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
