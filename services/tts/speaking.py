"""An utterance through the network of a trained voice: its parts spoken, put together and timed."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from onnxruntime import RunOptions

from services.tts.front_end.sequence import IdSequence
from services.tts.network import Manner, VoiceNetwork
from services.tts.speech import Speech
from services.tts.timing import spans_of_ids, tightened, trimmed, word_times


def spoken(
    network: VoiceNetwork,
    sequences: Sequence[IdSequence],
    word_count: int,
    manner: Manner,
    options: RunOptions | None = None,
) -> Speech:
    """Return the speech of an utterance of that many words. Blocks; raises EngineFailed, when `options` end it too."""
    parts = [_part(network, sequence, word_count, manner, options) for sequence in sequences]
    starts = accumulate((part.seconds for part in parts), initial=0.0)
    spans = [
        (word.index, start + word.start_seconds, start + word.end_seconds)
        for start, part in zip(starts, parts, strict=False)
        for word in part.words
    ]
    samples = np.concatenate([np.zeros(0, np.float32), *(part.samples for part in parts)])
    return tightened(Speech(samples, network.sample_rate_hz, tuple(word_times(spans, word_count))))


def _part(
    network: VoiceNetwork, sequence: IdSequence, word_count: int, manner: Manner, options: RunOptions | None
) -> Speech:
    samples, seconds = network.speak(sequence.ids, manner, options)
    spans = spans_of_ids(sequence.words, seconds, samples, network.sample_rate_hz)
    return trimmed(Speech(samples, network.sample_rate_hz, tuple(word_times(spans, word_count))))
