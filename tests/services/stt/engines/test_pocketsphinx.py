"""PocketSphinx: what the bare decoder hears, whatever was heard before and whoever listens beside."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pocketsphinx import Decoder

from services.stt.engine import Wishes
from services.stt.engines.pocketsphinx import PocketSphinx
from shared.audio import Samples
from tests.sounds import spoken

TEXTS = ("The old house was quiet.", "A quick brown fox sang in the morning.", "We could not believe him.")
UTTERANCES = [
    spoken(voice, text).samples * level
    for voice, text, level in zip(("slt", "rms", "slt"), TEXTS, (0.3, 1, 0.7), strict=True)
]
"""Of two voices, as loud as no other: what the decoder keeps of one would be wrong for the next."""


def bare(samples: Samples) -> str:
    """What a decoder that has heard nothing before makes of 16-bit samples."""
    decoder = Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(np.rint(samples * 32_768).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    return str(decoder.hyp().hypstr)


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return [bare(samples) for samples in UTTERANCES]


@pytest.fixture(scope="module")
def engine() -> PocketSphinx:
    return PocketSphinx()


def text_of(engine: PocketSphinx, samples: Samples) -> str:
    [segments] = engine.transcribe([samples], Wishes())
    return " ".join(segment.text for segment in segments)


def test_order_makes_no_difference(engine: PocketSphinx, expected: list[str]) -> None:
    assert [text_of(engine, samples) for samples in UTTERANCES] == expected
    assert [text_of(engine, samples) for samples in UTTERANCES[::-1]] == expected[::-1]
    [first] = engine.transcribe(UTTERANCES[:1], Wishes(word_times=True))
    [again] = engine.transcribe(UTTERANCES[:1], Wishes(word_times=True))
    assert first == again, "times and probabilities, too"


def test_company_makes_no_difference(engine: PocketSphinx, expected: list[str]) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda samples: text_of(engine, samples), UTTERANCES)) == expected
    together = engine.transcribe(UTTERANCES, Wishes())
    assert [" ".join(segment.text for segment in segments) for segments in together] == expected


def test_words_have_times_and_probabilities(engine: PocketSphinx) -> None:
    [segments] = engine.transcribe(UTTERANCES[1:2], Wishes(word_times=True))
    words = [word for segment in segments for word in segment.words]
    assert {"quick", "brown"} <= {word.text for word in words}
    ends = [0.0, *(word.end_seconds for word in words)]
    assert all(end - 1e-6 <= word.start_seconds < word.end_seconds for end, word in zip(ends, words, strict=False))
    assert ends[-1] <= len(UTTERANCES[1]) / 16_000
    assert all(word.probability is not None and 0 <= word.probability <= 1 for word in words)
    assert all(segment.mean_log_probability < 0 and segment.language == "en" for segment in segments)


@pytest.mark.parametrize("samples", [0, 1, 100, 500])
def test_next_to_nothing(engine: PocketSphinx, samples: int) -> None:
    assert engine.transcribe([np.zeros(samples, np.float32)], Wishes()) == [[]]


def test_python_goes_on_while_it_listens(engine: PocketSphinx) -> None:
    """The package holds Python's lock all the while; a service would answer nobody."""
    ended, ticks = threading.Event(), 0
    listening = threading.Thread(target=lambda: (text_of(engine, np.tile(UTTERANCES[1], 3)), ended.set()))
    listening.start()
    while not ended.wait(0.01):
        ticks += 1
    listening.join()
    assert ticks > 5
