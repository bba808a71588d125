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
)
VOICES = ["slt", "rms", "awb", "kal", "espeak-en-us"]
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


@pytest.mark.heavy
@pytest.mark.timeout(1800)
def test_styled_speech_is_understood_as_neutral_speech_is() -> None:
    neutral = fmean(error_rate(voice, "neutral", SENTENCES) for voice in VOICES)
    rates = {emotion: fmean(error_rate(voice, emotion, SENTENCES) for voice in VOICES) for emotion in EMOTIONS}
    assert fmean(rates.values()) <= 1.3 * neutral, (neutral, rates)
    assert max(rates.values()) <= 1.6 * neutral, (neutral, rates)
