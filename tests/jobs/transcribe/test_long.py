"""A recording of two hours: nothing of it is lost, and it takes hardly more memory than one of two minutes."""

import time
from bisect import bisect
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from shared.audio import Sound, encode
from tests.jobs.transcribe.buckets import Recorded
from tests.sounds import RATE_HZ, spoken

SPEECH = spoken("slt").samples
SPEECH_SECONDS = len(SPEECH) / RATE_HZ
LEAST_WORDS = int(SPEECH_SECONDS / 0.5) - 2
"""In each speech: the engine hears a word in half a second."""
MINUTES = 120
MOST_GROWN_BYTES = 50_000_000
"""Two hours are 461 MB as float32, and 230 MB as 16 bits."""


def without_end(minutes: int) -> list[float]:
    return np.arange(0.0, minutes * 60 - SPEECH_SECONDS, SPEECH_SECONDS + 0.4).tolist()


def in_turns(minutes: int) -> list[float]:
    """Return when somebody speaks for some 18 seconds, between pauses that are left out."""
    return [begin + SPEECH_SECONDS * number for begin in range(0, minutes * 60, 24) for number in range(4)]


def seldom(minutes: int) -> list[float]:
    return [0.0, minutes * 30.0, minutes * 60 - 10.0]


def recording(starts: Sequence[float], minutes: int) -> Sound:
    samples = np.zeros(minutes * 60 * RATE_HZ, np.float32)
    for start in starts:
        samples[round(start * RATE_HZ) :][: len(SPEECH)] = SPEECH
    return Sound(samples, RATE_HZ)


def most_bytes(recorded: Recorded) -> int:
    """Run the command; return the most memory of its own that all its processes had together."""
    process = recorded.start("run", TIMBRE_BATCH_PROCESSES="1")
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(anonymous_bytes, processes_of(process.pid))))
        time.sleep(0.05)
    _, err = process.communicate()
    assert process.returncode == 0, err
    return most


def processes_of(session: int) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                found.append(process)
    return found


def anonymous_bytes(process: Path) -> int:
    with suppress(OSError):
        lines = (process / "status").read_text().splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), 0)
    return 0


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("talk", "kind"), [(without_end, "flac"), (in_turns, "wav"), (seldom, "wav")])
def test_two_hours(folder: Recorded, talk: Callable[[int], list[float]], kind: str) -> None:
    folder.objects.put("input/short", encode(recording(talk(2), 2), kind))  # type: ignore[arg-type]
    short_bytes = most_bytes(folder)
    content = encode(recording(talk(MINUTES), MINUTES), kind)  # type: ignore[arg-type]
    folder.objects.put("input/long", content)
    grown_bytes = most_bytes(folder) - short_bytes
    print(f"\n{talk.__name__} ({kind}): {short_bytes / 1e6:.0f} MB, and {grown_bytes / 1e6:.0f} MB more")  # noqa: T201
    assert folder.keys("processed/") == ["long", "short"]
    found = folder.transcript("long")
    assert found["duration_seconds"] == MINUTES * 60.0
    require_all_heard(found["segments"], talk(MINUTES))
    assert short_bytes > 0
    held_bytes = 0 if kind == "wav" else len(content)  # whoever decodes it has all of the file, and none of the sound
    assert grown_bytes - held_bytes < MOST_GROWN_BYTES


def require_all_heard(segments: Sequence[dict], starts: Sequence[float]) -> None:
    """See that there are words in every speech, in their order, and nowhere else."""
    words = [word for segment in segments for word in segment["words"]]
    middles = [(word["start_seconds"] + word["end_seconds"]) / 2 for word in words]
    assert middles == sorted(middles)
    counts = [bisect(middles, start + SPEECH_SECONDS) - bisect(middles, start) for start in starts]
    assert min(counts) >= LEAST_WORDS
    latest = [starts[max(0, bisect(starts, middle + 0.5) - 1)] for middle in middles]
    assert all(-0.5 < middle - start < SPEECH_SECONDS + 0.5 for middle, start in zip(middles, latest, strict=True))
