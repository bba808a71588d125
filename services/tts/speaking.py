"""An utterance through the network of a trained voice: its parts spoken, put together and timed."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from onnxruntime import RunOptions

from services.tts.front_end.sequence import IdSequence
from services.tts.network import Manner, VoiceNetwork
from services.tts.speech import Speech, VisemeTime
from services.tts.timing import spans_of_ids, tightened, trimmed, word_times
from services.tts.visemes import Sounding, of_ipa


def spoken(
    network: VoiceNetwork,
    sequences: Sequence[IdSequence],
    word_count: int,
    manner: Manner,
    options: RunOptions | None = None,
) -> Speech:
    """Return the speech of an utterance of that many words. Blocks; raises EngineFailed, when `options` end it too."""
    parts = [_part(network, sequence, word_count, manner, options) for sequence in sequences]
    starts = list(accumulate((part.seconds for part in parts), initial=0.0))
    spans = [
        (word.index, start + word.start_seconds, start + word.end_seconds)
        for start, part in zip(starts, parts, strict=False)
        for word in part.words
    ]
    visemes = [
        VisemeTime(start + viseme.seconds, viseme.viseme)
        for start, part in zip(starts, parts, strict=False)
        for viseme in part.visemes
    ]
    samples = np.concatenate([np.zeros(0, np.float32), *(part.samples for part in parts)])
    times = tuple(word_times(spans, word_count))
    return tightened(Speech(samples, network.sample_rate_hz, times, tuple(visemes)))


def _part(
    network: VoiceNetwork, sequence: IdSequence, word_count: int, manner: Manner, options: RunOptions | None
) -> Speech:
    samples, seconds = network.speak(sequence.ids, manner, options)
    rate_hz = network.sample_rate_hz
    spans = spans_of_ids(sequence.words, seconds, samples, rate_hz)
    places = [None if sound is None else place for place, sound in enumerate(sequence.sounds)]
    visemes = of_ipa(
        Sounding(sequence.sounds[place] or "", start, end)
        for place, start, end in spans_of_ids(places, seconds, samples, rate_hz)
    )
    return trimmed(Speech(samples, rate_hz, tuple(word_times(spans, word_count)), tuple(visemes)))
