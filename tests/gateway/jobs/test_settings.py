"""The worker's settings."""

import socket

import pytest
from pydantic import ValidationError

from gateway.jobs.settings import WorkerSettings


def test_a_worker_has_its_own_name_or_its_host_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WorkerSettings().worker == socket.gethostname()
    monkeypatch.setenv("TIMBRE_WORKER_ID", "first")
    assert WorkerSettings().worker == "first"


def test_it_has_the_gateway_s_settings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMBRE_DATABASE", "postgresql://db.example/jobs")
    monkeypatch.setenv("TIMBRE_TTS_URL", "http://tts.example:1")
    settings = WorkerSettings()
    assert (settings.database, settings.tts_url) == ("postgresql://db.example/jobs", "http://tts.example:1")


def test_a_living_worker_beats_well_within_its_lease() -> None:
    settings = WorkerSettings()
    assert settings.lease_seconds >= 3 * settings.beat_seconds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JOBS_AT_ONCE", "0"),
        ("PARTS_AT_ONCE", "0"),
        ("BEAT_SECONDS", "0"),
        ("LEASE_SECONDS", "-1"),
        ("POLL_SECONDS", "0"),
        ("WORKER_ID", "x" * 129),
    ],
)
def test_what_cannot_work_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"TIMBRE_{name}", value)
    with pytest.raises(ValidationError):
        WorkerSettings()


def test_a_queue_of_recordings_needs_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMBRE_SPEAKER_QUEUE", "https://sqs.example/1/recordings")
    with pytest.raises(ValidationError, match="TIMBRE_DATA=s3://"):
        WorkerSettings()
    monkeypatch.setenv("TIMBRE_DATA", "s3://bucket")
    assert WorkerSettings().speaker_queue


def test_predictions_are_kept_with_the_jobs_unless_a_place_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WorkerSettings().predictions == WorkerSettings().database
    monkeypatch.setenv("TIMBRE_SPEAKER_RESULTS", "dynamodb://table")
    assert WorkerSettings().predictions == "dynamodb://table"
