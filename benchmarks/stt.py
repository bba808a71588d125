"""Speech-to-text: the service against the bare engines, on read speech; and what ten minutes cost in memory.

Needs a folder (`--speech`) with recordings and a metadata.csv, of which the columns `path`, `text` and, if it is not
English, `lang` are read. Each engine hears each clip once by itself and once behind NGINX, in turns; word error rates
are of texts in lower case without punctuation. Every model of speech-to-text in the store (TIMBRE_MODELS) has its rows.
"""

import csv
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from jiwer import wer

from benchmarks.processes import family_kilobytes
from benchmarks.rounds import Ratio, compare
from benchmarks.stack import FAKE, Addresses, running_timbre
from services.stt.engine import ENGINES, SpeechEngine, Wishes
from services.stt.settings import SttSettings
from services.stt.transcripts import Transcript
from shared.audio import AudioLimits, Sound, decode, encode
from shared.engines import find_engine
from shared.store import ModelStore

CALL = "/v1/audio/transcriptions"
_BUILT_IN = "pocketsphinx"
_CLIPS_AT_ONCE = 2
"""So that the engine need not wait while the next recording is on its way."""
_CLIPS_A_ROUND = 4
"""Few, so that what slows the machine down meanwhile slows both."""
_LONG_SECONDS, _RATE_HZ = 600, 16_000
_MOST_OF_SIZE = 2.5
_LEAST_THROUGHPUT = 0.95


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording, and what is said in it."""

    path: Path
    text: str
    language: str

    def sound(self, sample_rate_hz: int) -> Sound:
        """Return it decoded."""
        return decode(self.path.read_bytes(), AudioLimits(), sample_rate_hz=sample_rate_hz)


@dataclass
class _Heard:
    """What one way of hearing made of the clips so far."""

    texts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def round(self, clips: Sequence[Clip], hear: Callable[[Sequence[Clip]], list[str]], speech_seconds: float) -> float:
        """Hear some clips; return the seconds of speech in a second of work."""
        began = time.perf_counter()
        self.texts += hear(clips)
        seconds = time.perf_counter() - began
        self.seconds += seconds
        return speech_seconds / seconds


def measure(speech: Path, clips: int) -> list[Ratio]:
    """Return the rows of each model, on so many of the folder's clips, and that of the memory."""
    settings = SttSettings()
    store = ModelStore(settings.models, Path(settings.models_cache))
    models = [manifest.name for manifest in store.manifests("speech-to-text")]
    chosen = clips_of(speech, clips)
    served = {"TIMBRE_STT_ENGINE": _BUILT_IN, "TIMBRE_STT_FURTHER_MODELS": ",".join(models), "TIMBRE_SLOTS": "1"}
    with running_timbre({**FAKE, **served}) as timbre, _client(timbre) as client:
        rows = [row for name in (_BUILT_IN, *models) for row in _rows(name, _engine(name, store), chosen, client)]
        return [*rows, _memory(timbre, client, chosen)]


def clips_of(folder: Path, most: int) -> list[Clip]:
    """Return at most so many of the folder's clips that have a text, evenly over the list."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["text"].strip()]
    step = max(1, -(-len(lines) // most))
    return [Clip(folder / line["path"], line["text"], line.get("lang") or "en") for line in lines[::step]]


def normalised(text: str) -> str:
    """Return words as they are compared: in lower case, without punctuation but for apostrophes."""
    return " ".join(re.sub(r"[^\w' ]|_", " ", text.lower()).split())


def _engine(name: str, store: ModelStore) -> SpeechEngine:
    kind: Any = find_engine(ENGINES, _BUILT_IN if name == _BUILT_IN else store.manifest(name).engine)
    engine: SpeechEngine = kind(store.fetch(name), SttSettings().stt_threads) if kind.needs_model else kind()
    return engine


def _rows(name: str, engine: SpeechEngine, clips: Sequence[Clip], client: httpx.Client) -> Iterator[Ratio]:
    """Yield how fast, how alike and how right the clips are written down, through the service and by the engine."""
    sounds = {clip: clip.sound(engine.sample_rate_hz) for clip in clips}
    through, bare = _Heard(), _Heard()
    rounds = max(1, len(clips) // _CLIPS_A_ROUND)
    parts = [clips[number::rounds] for number in range(rounds)]
    ours, theirs = iter(parts), iter(parts)

    def speech_seconds(part: Sequence[Clip]) -> float:
        return sum(sounds[clip].seconds for clip in part)

    def by_service() -> float:
        part = next(ours)
        return through.round(part, lambda some: _asked(client, name, some), speech_seconds(part))

    def by_engine() -> float:
        part = next(theirs)
        return bare.round(
            part, lambda some: [_written(engine, sounds[clip], clip) for clip in some], speech_seconds(part)
        )

    _asked(client, name, clips[:1])
    _written(engine, sounds[clips[0]], clips[0])
    row = f"{name}: seconds of speech a second, service / bare"
    yield compare(row, by_service, by_engine, at_least=_LEAST_THROUGHPUT, rounds=rounds)
    said = [normalised(clip.text) for part in parts for clip in part]
    alike = sum(one == other for one, other in zip(through.texts, bare.texts, strict=True))
    yield _row(f"{name}: texts exactly alike / clips", alike, len(clips), at_least=1.0)
    yield _row(f"{name}: word error rate, service / bare", _errors(said, through), _errors(said, bare))
    seconds = speech_seconds(clips)
    yield _row(f"{name}: real-time factor, service / bare", through.seconds / seconds, bare.seconds / seconds)


def _written(engine: SpeechEngine, sound: Sound, clip: Clip) -> str:
    [segments] = engine.transcribe([sound.samples], Wishes(language=clip.language))
    return Transcript(segments, sound.seconds, clip.language).text


def _asked(client: httpx.Client, model: str, clips: Sequence[Clip]) -> list[str]:
    with ThreadPoolExecutor(_CLIPS_AT_ONCE) as pool:
        return list(pool.map(lambda clip: _answer(client, model, clip.path.read_bytes(), clip.language), clips))


def _answer(client: httpx.Client, model: str, recording: bytes, language: str) -> str:
    fields = {"model": model, "language": language, "response_format": "json"}
    answer = client.post(CALL, data=fields, files={"file": recording})
    answer.raise_for_status()
    return str(answer.json()["text"])


def _errors(said: list[str], heard: _Heard) -> float:
    return float(wer(said, [normalised(text) for text in heard.texts]))


def _client(timbre: Addresses) -> httpx.Client:
    headers = {"Authorization": timbre.headers["Authorization"]}
    return httpx.Client(base_url=timbre.public, headers=headers, timeout=3_600, trust_env=False)


def _memory(timbre: Addresses, client: httpx.Client, clips: Sequence[Clip]) -> Ratio:
    """Return what ten minutes of speech add to the memory of the service and all that descends from it, at its peak."""
    recording = encode(Sound(_long(clips), _RATE_HZ), "flac")
    told = f"TIMBRE_LISTEN_PORT={timbre.direct['stt'].rpartition(':')[2]}"
    before, peaks, done = family_kilobytes(told), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peaks[0] = max(peaks[0], family_kilobytes(told))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        _answer(client, _BUILT_IN, recording, clips[0].language)
    finally:
        done.set()
        watcher.join()
    title = f"memory of {_LONG_SECONDS} s of speech in kB / its size as float32"
    return _row(title, peaks[0] - before, _LONG_SECONDS * _RATE_HZ * 4 / 1024, at_most=_MOST_OF_SIZE)


def _long(clips: Sequence[Clip]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the clips one behind the other, over and over, as long as it takes."""
    sounds = [clip.sound(_RATE_HZ).samples for clip in clips]
    return np.resize(np.concatenate(sounds), _LONG_SECONDS * _RATE_HZ)


def _row(
    name: str, ours: float, reference: float, *, at_most: float | None = None, at_least: float | None = None
) -> Ratio:
    """Return a row of what was measured once."""
    value = ours / (reference or sys.float_info.min)
    goal = f"<= {at_most}" if at_most is not None else f">= {at_least}" if at_least is not None else "-"
    reached = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    return Ratio(name, ours, reference or sys.float_info.min, value, value, goal, reached)
