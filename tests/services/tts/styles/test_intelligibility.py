"""What is spoken is understood, styled or not: word error rate through pocketsphinx."""

import asyncio
from collections.abc import Sequence
from statistics import fmean

import jiwer
import numpy as np
import pytest
import soxr
from pocketsphinx import Decoder

from services.tts.engines.espeak import Espeak
from services.tts.engines.flite import Flite
from services.tts.speech import Speech
from tests.services.tts.styles.conftest import speak_styled

SENTENCES = (
    "the old man walked slowly to the river because nobody had told him that the bridge was closed",
    "we are moving the meeting to monday morning and everybody knows why",
    "please send me the report before the end of the week",
    "she opened the window and looked at the garden for a long time",
    "there is not much money left for the new school this year",
    "my brother wants to buy a house near the sea next summer",
    "the train was late again and i had to wait in the rain for an hour",
    "he told me that he would call his mother after dinner",
    "can you tell me where the nearest post office is",
    "the doctor said that i should drink more water and sleep longer",
    "they built a large hotel on the hill behind the town",
    "i think it is a good idea to leave before it gets dark",
    "our company sold more cars this month than in the whole of last year",
    "the children were playing football in the street when it began to snow",
    "most people in this country read the newspaper in the morning",
    "it took him three days to repair the roof of the old church",
    "you will find the keys in the second drawer under the letters",
    "nobody could say how long the storm would last",
    "her father worked in a factory until he was sixty years old",
    "we had to change our plans because the ship did not come",
    "the price of bread has gone up twice since the beginning of the year",
    "a young woman with a red coat was standing at the corner",
    "he wrote a long letter to his friend but never sent it",
    "the government will decide about the new law in the autumn",
    "if you turn left after the bridge you will see the station",
    "my sister learned to play the piano when she was a little girl",
    "the water in the lake was so clear that we could see the stones",
    "they asked the same question again and again without an answer",
    "i would like to have a table for four people near the window",
    "in the summer we often sit outside and talk until late at night",
    "the farmer sold his horses and bought a small shop in the village",
    "it is hard to believe that this forest was once a field",
    "the teacher told the class a story about a king and his three sons",
    "more than half of the people in the room were older than fifty",
    "you should never leave a fire burning when you go to bed",
    "the first plane leaves at seven and the last one at nine in the evening",
    "we lost the game but everybody said that we had played well",
    "there was a strong wind from the north and the boats stayed in the harbor",
    "she put the book back on the shelf and closed the door behind her",
    "the bank is open on every day of the week but sunday",
    "an old friend of mine lives in a white house across the road",
    "he could not sleep because the neighbors were making so much noise",
    "our dog always knows when it is time to go for a walk",
    "the hospital needs twenty new nurses before the winter comes",
    "please speak a little louder because the people at the back cannot hear you",
    "the paper says that it will be warm and dry for the rest of the month",
    "what he found in the box was not gold but a handful of old coins",
    "after three weeks at sea the men were happy to stand on land again",
)
FLITE_VOICES = ["slt", "rms", "awb", "kal"]
EMOTIONS = ("angry", "happy", "sad", "fearful", "disgusted", "surprised", "calm", "excited")


def heard(decoder: Decoder, speech: Speech) -> str:
    samples = soxr.resample(speech.samples, speech.sample_rate_hz, 16_000)
    silence = np.zeros(4_800, np.float32)
    pcm = (np.concatenate([silence, samples, silence]).clip(-1, 1) * 32767).astype(np.int16).tobytes()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""


def error_rate(voice: str, emotion: str, sentences: Sequence[str]) -> float:
    async def speak() -> list[Speech]:
        engine = Espeak() if voice.startswith("espeak") else Flite()
        await engine.start()
        try:
            return [await speak_styled(engine, voice, text, emotion) for text in sentences]
        finally:
            await engine.close()

    decoder = Decoder(loglevel="FATAL")
    texts = [heard(decoder, speech) for speech in asyncio.run(speak())]
    return float(jiwer.wer(list(sentences), texts))


def test_slt_is_understood() -> None:
    assert error_rate("slt", "neutral", SENTENCES[1:3]) < 0.35


@pytest.fixture(scope="module")
def neutral_rate() -> float:
    return flite_rate("neutral")


def flite_rate(emotion: str) -> float:
    """Over all four voices, 2,444 words: one voice alone makes too few errors to compare."""
    return fmean(error_rate(voice, emotion, SENTENCES) for voice in FLITE_VOICES)


@pytest.mark.heavy
@pytest.mark.timeout(900)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_styled_speech_is_understood_as_neutral_speech_is(neutral_rate: float, emotion: str) -> None:
    assert flite_rate(emotion) <= 1.3 * neutral_rate


@pytest.mark.heavy
@pytest.mark.timeout(900)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_espeak_is_understood_no_worse_when_styled(emotion: str) -> None:
    rates = [error_rate("espeak-en-us", name, SENTENCES[:4]) for name in ("neutral", emotion)]
    assert rates[1] <= 1.3 * rates[0]
