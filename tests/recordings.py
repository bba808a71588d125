"""What every call that takes a recording is tried with, and what it says of it."""

from typing import Any

REFUSED: list[tuple[bytes, int, str]] = [
    (b"", 400, "invalid-input"),
    (b"Dear Sir or Madam", 415, "unsupported-media"),
    (b"\x89PNG\r\n\x1a\n" + bytes(5000), 415, "unsupported-media"),
    (b"RIFF\x00\x00\x00\x00WAVE", 415, "unsupported-media"),
    (b"fLaC" + bytes(5000), 415, "unsupported-media"),
    (b"OggS" + bytes(range(256)) * 20, 415, "unsupported-media"),
]
"""The upload, the status, and the slug of the problem."""

LIMITS: list[tuple[dict[str, float], float]] = [
    ({"max_recording_seconds": 1.5}, 1.5),
    ({"max_file_bytes": 1000}, 1000),
    ({"max_body_bytes": 2000}, 2000),
]
"""Settings that refuse a wav file of two seconds, and the limit that the problem names."""

WRONG_FORMS: list[dict[str, Any]] = [
    {"files": {"recording": b"x"}},
    {"data": {"file": "x"}},
    {"files": [("file", b"x"), ("file", b"x")]},
    {"json": {"file": "x"}},
    {"content": b"RIFF", "headers": {"content-type": "audio/wav"}},
    {},
]
"""Arguments of httpx for what is no form with one file; refused as `invalid-input`."""

NAMES = ("a.mp3", "../../etc/passwd", "a.txt", "ä\u202e🎉.wav", "x" * 3000)
"""Names of files, none of which changes an answer."""
