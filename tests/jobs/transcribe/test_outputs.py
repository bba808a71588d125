"""Transcripts as JSON and as text, which many may write at the same time."""

from typing import Any

import pytest

from jobs.transcribe.outputs import Outputs
from jobs.transcribe.transcript import Options, Transcript
from shared.objects import ObjectStore, open_objects
from tests.jobs.transcribe.buckets import Recorded

KEY = "a.wav"


def write(objects: ObjectStore, text: str) -> None:
    version = {"key": KEY, "etag": text, "model": "fake/1", "options": Options()}
    outputs = Outputs(objects)
    transcript = Transcript(**version, language=None, duration_seconds=1.0, text=text, segments=[])  # type: ignore[arg-type]
    outputs.write(transcript, outputs.find(KEY))
    outputs.write_text(KEY)


@pytest.mark.parametrize("known", [None, "oldest"])
def test_who_is_held_up_and_killed_then_leaves_no_old_text(
    recorded: Recorded, known: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = open_objects(recorded.location), recorded.objects
    if known:
        write(quick, known)
    put = slow.put

    def put_late(key: str, data: bytes, **conditions: Any) -> str:
        if not key.endswith(".txt"):
            return put(key, data, **conditions)
        write(quick, "newer")
        try:
            return put(key, data, **conditions)
        finally:
            raise SystemExit

    monkeypatch.setattr(slow, "put", put_late)
    with pytest.raises(SystemExit):
        write(slow, "older")
    assert quick.get(f"output/{KEY}.txt") == b"newer\n"
    assert Outputs(quick).find(KEY)[1].text == "newer"  # type: ignore[index, union-attr]
