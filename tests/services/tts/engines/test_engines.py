"""One test for all engines: what an engine promises."""

import asyncio
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from services.tts.speech import ENGINES, Speech, SpokenWord, TTSEngine, Utterance
from services.tts.styles.measure import Manner, manner
from shared.problems import InvalidMarkup, ModelNotFound

VOICES = {"flite": ["slt", "rms", "awb", "kal"], "espeak": ["espeak-en-us", "espeak-de"], "fake": ["fake"]}
REAL = [(engine, voice) for engine in ("flite", "espeak") for voice in VOICES[engine]]
ALL = [(engine, voice) for engine, voices in VOICES.items() for voice in voices]

SENTENCE = (
    SpokenWord("Hello", after=","),
    SpokenWord("that"),
    SpokenWord("is"),
    SpokenWord("twenty three dollars"),
    SpokenWord("please", after="."),
)


def create(engine: str) -> TTSEngine:
    module, name = ENGINES[engine].split(":")
    made: TTSEngine = getattr(import_module(module), name)(slots=2)
    return made


def speak(engine: str, voice: str, *sentences: tuple[SpokenWord, ...], **changes: Any) -> list[Speech]:
    async def run() -> list[Speech]:
        made = create(engine)
        await made.start()
        try:
            utterances = [Utterance(words, voice, "en-us", **changes) for words in sentences]
            return [await made.speak(utterance) for utterance in utterances]
        finally:
            await made.close()

    return asyncio.run(run())


def changes_of(engine: str, voice: str) -> tuple[str, ...]:
    async def run() -> tuple[str, ...]:
        made = create(engine)
        await made.start()
        await made.close()
        return next(info.changes for info in made.voices() if info.id == voice)

    return asyncio.run(run())


def measured(speech: Speech) -> Manner:
    return manner(speech.samples, speech.sample_rate_hz)


def words(text: str) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(word) for word in text.split())


def same(one: Speech, other: Speech) -> bool:
    """Equal but for the phase that espeak-ng carries over from one sentence into the next."""
    return len(one.samples) == pytest.approx(len(other.samples), rel=0.002)


@pytest.mark.parametrize(("engine", "voice"), ALL)
class TestEveryEngine:
    def test_voices(self, engine: str, voice: str) -> None:
        async def run() -> None:
            made = create(engine)
            await made.start()
            voices = made.voices()
            await made.close()
            ids = [info.id for info in voices]
            assert voice in ids
            assert len(set(ids)) == len(ids)
            assert {info.engine for info in voices} == {engine}
            assert all(info.licence for info in voices)

        asyncio.run(run())

    def test_word_times(self, engine: str, voice: str) -> None:
        (speech,) = speak(engine, voice, SENTENCE)
        assert [word.index for word in speech.words] == list(range(len(SENTENCE)))
        edges = [edge for word in speech.words for edge in (word.start_seconds, word.end_seconds)]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= speech.seconds
        lengths = [word.end_seconds - word.start_seconds for word in speech.words]
        assert min(lengths) > 0.05
        assert max(lengths) == lengths[3]  # three spoken words
        assert speech.samples.dtype == np.float32
        assert 0.05 < np.abs(speech.samples).max() <= 1

    def test_rate(self, engine: str, voice: str) -> None:
        (normal,) = speak(engine, voice, SENTENCE)
        (fast,) = speak(engine, voice, SENTENCE, rate=1.4)
        assert fast.seconds == pytest.approx(normal.seconds / 1.4, rel=0.15)

    def test_empty_sentence(self, engine: str, voice: str) -> None:
        (speech,) = speak(engine, voice, ())
        assert speech.words == ()
        assert speech.seconds < 0.1

    def test_unknown_voice(self, engine: str, voice: str) -> None:
        with pytest.raises(ModelNotFound):
            speak(engine, voice + "-not", SENTENCE)


@pytest.mark.parametrize(("engine", "voice"), REAL)
class TestRealEngines:
    @pytest.mark.parametrize(("pitch", "pitch_range"), [(1.3, 1.0), (0.85, 1.0), (1.0, 1.5), (1.0, 0.6), (1.3, 1.5)])
    def test_what_it_says_it_changes(self, engine: str, voice: str, pitch: float, pitch_range: float) -> None:
        """Median F0 and its range follow the wish closely, or not at all where the voice says so."""
        text = words("We are moving the meeting to Monday morning and everybody knows why")
        (before,) = (measured(speech) for speech in speak(engine, voice, text))
        (after,) = (measured(speech) for speech in speak(engine, voice, text, pitch=pitch, pitch_range=pitch_range))
        if "pitch" not in changes_of(engine, voice):
            pitch = pitch_range = 1.0
        assert after.f0_hz / before.f0_hz == pytest.approx(pitch, rel=0.06)
        assert after.f0_range_semitones / before.f0_range_semitones == pytest.approx(pitch_range, rel=0.2)

    def test_little_silence_at_the_ends(self, engine: str, voice: str) -> None:
        (speech,) = speak(engine, voice, SENTENCE)
        spoken = speech.words[0].start_seconds, speech.seconds - speech.words[-1].end_seconds
        assert max(spoken) < 0.1

    def test_pause_is_outside_words(self, engine: str, voice: str) -> None:
        """The comma behind "Hello" makes a gap between two words, and the gap is quiet."""
        (speech,) = speak(engine, voice, SENTENCE)
        start, end = (
            int(seconds * speech.sample_rate_hz)
            for seconds in (speech.words[0].end_seconds, speech.words[1].start_seconds)
        )
        assert (end - start) / speech.sample_rate_hz > 0.04
        level = np.sqrt(np.mean(np.square(speech.samples)))
        assert np.sqrt(np.mean(np.square(speech.samples[start:end]))) < level / 3

    @pytest.mark.parametrize(
        ("wild", "tame"),
        [
            ("[[hello]] there", "hello there"),
            ("<break>hello there", "break hello there"),
            ("hello\x01 there\x00", "hello there"),
        ],
    )
    def test_markup_never_reaches_the_engine(self, engine: str, voice: str, wild: str, tame: str) -> None:
        heard, plain = speak(engine, voice, words(wild), words(tame))
        assert same(heard, plain)

    def test_speaks_on_after_odd_text(self, engine: str, voice: str) -> None:
        odd = [
            words(text) for text in ("\ud800", "😀 🎉", "\x00", "%s%n", "' '' -", "1" * 300, "ß" * 300, "a\u0301" * 100)
        ]
        *_, last = speak(engine, voice, *odd, words("hello there"))
        assert same(last, speak(engine, voice, words("hello there"))[0])

    def test_ipa_is_spoken(self, engine: str, voice: str) -> None:
        """The sounds of "tomato" take about the time of the word, the sounds of one vowel much less."""
        word, ipa, vowel = speak(
            engine, voice, words("tomato"), (SpokenWord("x", ipa="təˈmeɪtoʊ"),), (SpokenWord("tomato", ipa="a"),)
        )
        assert ipa.seconds == pytest.approx(word.seconds, rel=0.25)
        assert vowel.seconds < 0.8 * word.seconds

    def test_unknown_ipa(self, engine: str, voice: str) -> None:
        with pytest.raises(InvalidMarkup, match=r"U\+0034"):
            speak(engine, voice, (SpokenWord("x", ipa="a4"),))


def test_espeak_speaks_all_its_languages() -> None:
    async def run() -> None:
        espeak = create("espeak")
        await espeak.start()
        voices = espeak.voices()
        assert len(voices) >= 120
        try:
            for info in voices[::8]:
                speech = await espeak.speak(Utterance(words("un deux drei"), info.id, info.language))
                assert speech.seconds > 0.3
        finally:
            await espeak.close()

    asyncio.run(run())


def test_callers_at_once_get_their_own() -> None:
    texts = ["one", "twenty seven", "a much longer sentence than that", "no"] * 5

    async def run() -> None:
        flite = create("flite")
        speeches = await asyncio.gather(*(flite.speak(Utterance(words(text), "kal", "en-us")) for text in texts))
        await flite.close()
        lengths = {text: {len(s.samples) for t, s in zip(texts, speeches, strict=True) if t == text} for text in texts}
        assert all(len(found) == 1 for found in lengths.values())
        assert len({next(iter(found)) for found in lengths.values()}) == 4

    asyncio.run(run())
