"""From held-out recordings and a voice to figures."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from services.tts.styles.measure import manner
from shared.audio.sound import Samples
from training.voices.corpus import Recording
from training.voices.evaluate.analysis import RATE_HZ, Difference, analysed, difference
from training.voices.evaluate.emotions import Said, change
from training.voices.evaluate.figures import EmotionFigures, Figures
from training.voices.evaluate.hearing import understands, word_error_rate
from training.voices.evaluate.held_out import Held, at_common_rate, evenly, sound_of
from training.voices.evaluate.likeness import similarities
from training.voices.evaluate.speaking import Sentence, TrainedVoice
from training.voices.facts import NEUTRAL
from training.voices.texts import bare

_MOST_OF_EMOTION = 40
"""Recordings of each emotion that are measured, and sentences that are spoken in it."""


def measured(voice: TrainedVoice, held: Sequence[Held], recordings: Sequence[Recording], sha256: str) -> Figures:
    """Return all figures; `recordings` are all that there are, to measure what an emotion changes in them."""
    both = comparable(held)
    seconds = sum(len(each.spoken_by_voice.samples) for each in held) / voice.sample_rate_hz
    return Figures(
        network_sha256=sha256,
        held_out=len(held),
        compared=len(both),
        **_understood(voice, held),
        **_likeness(both),
        **_differences(both),
        real_time_factor=sum(each.spoken_by_voice.computing_seconds for each in held) / max(seconds, 0.1),
        emotions=dict(_emotions(voice, held, recordings)),
    )


def comparable(held: Sequence[Held]) -> list[Held]:
    """Return those in which both the recording and the voice sound like speech."""
    return [each for each in held if _said(each.words, each.spoken) and _said(each.words, each.real)]


def _understood(voice: TrainedVoice, held: Sequence[Held]) -> dict[str, Any]:
    if not understands(voice.language):
        return {}
    texts = [each.words for each in held]
    return {
        "word_error_rate": word_error_rate(texts, [each.spoken for each in held]),
        "recordings_word_error_rate": word_error_rate(texts, [each.real for each in held]),
    }


def _likeness(held: Sequence[Held]) -> dict[str, Any]:
    found = similarities([each.spoken for each in held], [each.real for each in held])
    return dict(zip(("speaker_similarity", "recordings_speaker_similarity"), found, strict=True)) if found else {}


def _differences(held: Sequence[Held]) -> dict[str, Any]:
    found = [difference(analysed(each.spoken), analysed(each.real)) for each in held]
    if not found:
        return {}
    ratios = [_seconds(each.spoken) / _seconds(each.real) for each in held]
    return {
        "duration_ratio": float(np.median(ratios)),
        "f0_difference_semitones": _median(found, "f0_semitones"),
        "f0_range_ratio": _median(found, "f0_range_ratio"),
        "f0_correlation": _median(found, "f0_correlation"),
        "level_correlation": _median(found, "level_correlation"),
        "mel_cepstral_distance_db": _median(found, "mel_cepstral_distance_db"),
    }


def _seconds(samples: Samples) -> float:
    return manner(samples, RATE_HZ).active_seconds


def _median(found: Sequence[Difference], measure: str) -> float | None:
    values = [value for value in (getattr(each, measure) for each in found) if value is not None]
    return float(np.median(values)) if values else None


def _emotions(
    voice: TrainedVoice, held: Sequence[Held], recordings: Sequence[Recording]
) -> Iterator[tuple[str, EmotionFigures]]:
    by_emotion = {emotion: [each for each in recordings if each.emotion == emotion] for emotion in voice.facts.emotions}
    real = {emotion: list(_recorded(voice, some)) for emotion, some in by_emotion.items() if some}
    for emotion in voice.facts.emotions:
        texts = list(dict.fromkeys(each.recording.text for each in held if each.recording.emotion == emotion))
        spoken, plain = (list(_spoken(voice, texts[:_MOST_OF_EMOTION], each)) for each in (emotion, NEUTRAL))
        if emotion != NEUTRAL and real.get(emotion) and real.get(NEUTRAL) and spoken and plain:
            yield (
                emotion,
                EmotionFigures(recordings=change(real[emotion], real[NEUTRAL]), voice=change(spoken, plain)),
            )


def _recorded(voice: TrainedVoice, recordings: Sequence[Recording]) -> Iterator[Said]:
    for recording in evenly(recordings, _MOST_OF_EMOTION):
        yield from _said(voice.words(recording.text), sound_of(recording))


def _spoken(voice: TrainedVoice, texts: Sequence[str], emotion: str) -> Iterator[Said]:
    for text, spoken in zip(texts, voice.speak([Sentence(text, emotion) for text in texts]), strict=True):
        yield from _said(voice.words(text), at_common_rate(voice, spoken))


def _said(words: str, samples: Samples) -> list[Said]:
    """Return what was said, or nothing where there is no voice in it, as of a network that learned too little."""
    try:
        analysed(samples)
        return [Said(bare(words), manner(samples, RATE_HZ))]
    except ValueError:
        return []
