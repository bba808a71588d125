"""A trained voice: how fast it speaks, through the service and by itself, and what a second thread brings.

The voice is the first of a model in a store, such as one that `timbre voice import` has made of a Piper voice.
"""

import time
from functools import partial
from pathlib import Path

import httpx

from benchmarks.rounds import Ratio, compare
from benchmarks.speech import SENTENCES, first_sound
from benchmarks.stack import FAKE, Addresses, running_timbre
from services.tts.front_end import IdSequence, id_sequences, sounds_of_all, spoken_words
from services.tts.network import NETWORKS, Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speaking import spoken
from shared.engines import find_engine
from shared.store import LocalModel
from shared.store.manifest import parse_manifest

_RATE_HZ = 16_000
_MOST_SECONDS = 1.0
"""For a second of sound."""
_MOST_OVERHEAD = 1.2


def measure(folder: Path) -> list[Ratio]:
    """Return all rows, for the model in NAME/VERSION of a store."""
    model = _model(folder)
    voice = model.manifest.voices[0].voice
    single, double = (find_engine(NETWORKS, model.manifest.engine)(model=model, threads=count) for count in (1, 2))
    utterances = _utterances(model)
    bare = partial(_seconds_by_itself, single, utterances)
    served = {**FAKE, "TIMBRE_TTS_ENGINES": '["fake", "trained"]', "TIMBRE_SLOTS": "1"}
    with (
        running_timbre({**served, "TIMBRE_MODELS": str(folder.parent.parent)}) as timbre,
        httpx.Client(headers=timbre.headers, timeout=120, trust_env=False) as client,
    ):
        through = partial(_seconds_through_service, client, timbre, voice)
        rows = [
            *first_sound(client, timbre, voice),
            compare("seconds for a second of sound / the goal", through, lambda: _MOST_SECONDS, at_most=1.0),
            compare("the same / the network by itself", through, bare, at_most=_MOST_OVERHEAD),
        ]
    double_seconds = partial(_seconds_by_itself, double, utterances)
    return [*rows, compare("seconds for a second of sound, two threads / one", double_seconds, bare)]


def _model(folder: Path) -> LocalModel:
    data = (folder / "manifest.json").read_bytes()
    return LocalModel(folder, parse_manifest(data, folder.parent.name, folder.name))


def _utterances(model: LocalModel) -> list[tuple[list[IdSequence], int]]:
    front_end = VoiceParameters.of(model.manifest).front_end
    utterances = [spoken_words(sentence, front_end.language) for sentence in SENTENCES]
    sounds = sounds_of_all(utterances, front_end)
    return [(id_sequences(front_end, *pair), len(pair[0])) for pair in zip(utterances, sounds, strict=True)]


def _seconds_by_itself(network: VoiceNetwork, utterances: list[tuple[list[IdSequence], int]]) -> float:
    began = time.perf_counter()
    speech = [spoken(network, sequences, words, Manner()) for sequences, words in utterances]
    return (time.perf_counter() - began) / sum(one.seconds for one in speech)


def _seconds_through_service(client: httpx.Client, timbre: Addresses, voice: str) -> float:
    began = time.perf_counter()
    sound_seconds = 0.0
    for sentence in SENTENCES:
        order = {"input": sentence, "voice": voice, "response_format": "pcm", "sample_rate": _RATE_HZ}
        answer = client.post(f"{timbre.public}/v1/audio/speech", json=order).raise_for_status()
        sound_seconds += len(answer.content) / 2 / _RATE_HZ
    return (time.perf_counter() - began) / sound_seconds
