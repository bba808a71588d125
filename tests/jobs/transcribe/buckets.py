"""Buckets of recordings as tests fill them, and the command as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from services.stt.engines.fake import WORD_SECONDS
from shared.audio import encode
from shared.objects import ObjectStore, open_objects
from tests.sounds import buzz, silence
from tests.started import ROOT

LEASE_SECONDS = 2.0
SETTINGS = {
    "TIMBRE_STT_ENGINE": "fake",
    "TIMBRE_BATCH_LEASE_SECONDS": str(LEASE_SECONDS),
    "TIMBRE_BATCH_PROCESSES": "2",
    "PYTHONPATH": str(ROOT),
}


@cache
def note(pitch_hz: float, seconds: float = 1.0, kind: str = "wav") -> bytes:
    """Return a recording of one note, which the fake engine takes for a word, again and again."""
    return encode(buzz(pitch_hz, seconds), kind)  # type: ignore[arg-type]


@cache
def nothing_said(seconds: float = 1.0) -> bytes:
    return encode(silence(seconds), "wav")


BROKEN = b"RIFF\x24\0\0\0WAVE" + bytes(40)
WORDS = {110.0: "charlie", 130.0: "delta", 150.0: "echo", 240.0: "hotel"}
"""What the fake engine hears in notes that are taken for a voice."""


@dataclass
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def counts(self) -> list[int]:
        """The numbers of the table: recordings that were written down, unchanged, failed, left, and refused."""
        cells = [line.split("│")[2].strip() for line in self.out.splitlines() if line.startswith("│")]
        return [int(cell) for cell in cells if cell.isdecimal()]


@dataclass
class Recorded:
    """A bucket or folder, and what is expected to become of what was put into it."""

    location: str
    said: dict[str, str] = field(default_factory=dict)
    """Text of each recording that is one."""
    broken: set[str] = field(default_factory=set)

    @cached_property
    def objects(self) -> ObjectStore:
        return open_objects(self.location)

    def add(self, key: str, content: bytes, said: str | None) -> None:
        """Put a recording; `said` is None for one that cannot be written down."""
        self.objects.put(f"input/{key}", content)
        self.said.pop(key, None)
        self.broken.discard(key)
        if said is None:
            self.broken.add(key)
        else:
            self.said[key] = said

    def add_note(self, key: str, pitch_hz: float = 150.0, seconds: float = 1.0, kind: str = "wav") -> None:
        words = round(seconds / WORD_SECONDS)
        self.add(key, note(pitch_hz, seconds, kind), " ".join([WORDS[pitch_hz]] * words))

    def keys(self, prefix: str = "") -> list[str]:
        return [info.key.removeprefix(prefix) for info in self.objects.list(prefix)]

    def transcript(self, key: str) -> dict[str, Any]:
        return dict(json.loads(self.objects.get(f"output/{key}.json")))

    def require_settled(self) -> None:
        """See that each recording has one right output or one reason, and that nothing else is there."""
        texts = {key: self.objects.get(f"output/{key}.txt").decode().strip() for key in self.said}
        assert texts == self.said
        made_of = {key: self.objects.head(f"processed/{key}").etag for key in self.said}
        transcripts = {key: self.transcript(key) for key in self.said}
        assert {key: found["text"] for key, found in transcripts.items()} == self.said
        assert {key: found["etag"] for key, found in transcripts.items()} == made_of
        reasons = {key: json.loads(self.objects.get(f"failed/{key}.problem.json")) for key in self.broken}
        assert all(reason["problem"]["type"].startswith("urn:timbre:problem:") for reason in reasons.values())
        expected = [f"processed/{key}" for key in self.said] + [f"failed/{key}" for key in self.broken]
        expected += [f"output/{key}{suffix}" for key in self.said for suffix in (".txt", ".json")]
        expected += [f"failed/{key}.problem.json" for key in self.broken]
        lists = [f"child_job_input/{key}" for key in self.keys("child_job_input/") if key.isdecimal()]
        assert sorted(self.keys()) == sorted(expected + lists)

    def command(self, *arguments: str, **settings: str) -> list[str]:
        command, *rest = arguments
        return [sys.executable, *settings.pop("program", "-m jobs.transcribe").split(), command, self.location, *rest]

    def call(self, *arguments: str, timeout_seconds: float = 300, **settings: str) -> Ended:
        """Run a command, and see that it never fails in an undignified way."""
        process = self.start(*arguments, **settings)
        out, err = process.communicate(timeout=timeout_seconds)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def start(self, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
        """Start a command in a session of its own, so that all its processes can be killed together."""
        return subprocess.Popen(
            self.command(*arguments, **settings),
            env=environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
    return {**kept, **SETTINGS, **{name: value for name, value in settings.items() if name.isupper()}}


def fill_with_all_sorts(recorded: Recorded) -> None:
    """Put the seed's mixed files: kinds, sub-folders, names for a shell, names alike, and what is no recording."""
    recorded.add_note("a/b.wav")
    recorded.add_note("a.b.wav", 110.0)
    recorded.add_note("a.c.wav", 130.0)
    recorded.add_note("a.b.mp3", 240.0, kind="mp3")
    recorded.add_note("; rm -rf", kind="flac")
    recorded.add_note("$(touch canary) `touch canary` && touch canary | 'x' \"y\".wav")
    recorded.add_note("-rf")
    recorded.add_note("Größe 100% & more+ [bold]日本語.wav", 130.0)
    recorded.add("silent.wav", nothing_said(), "")
    recorded.add("empty.wav", b"", None)
    recorded.add("deep/er/broken.wav", BROKEN, None)
    recorded.add("notes.txt", b"hello", None)
