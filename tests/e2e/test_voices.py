"""Voices that are published into a running Timbre: they speak through the public address, and say what they are."""

import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import av
import boto3
import httpx
import pytest

from shared.audio import AudioLimits, decode
from shared.store import ModelStore
from tests.e2e.test_pipeline import plan_of
from tests.gateway.jobs.stack import ended, fetched, order, submitted
from tests.shared.objects.s3_server import new_bucket, running_s3
from tests.stack import client_of, key_of, needs_nginx
from tests.started import Started, patiently
from tests.voice_models import CONSENT, publish, tone_of

pytestmark = [needs_nginx, pytest.mark.timeout(300)]
LOW_HZ, MIDDLE_HZ, HIGH_HZ = 250, 500, 1000
ROOMY = {"TIMBRE_REQUESTS_PER_SECOND": "10000", "TIMBRE_BURST_REQUESTS": "10000", "TIMBRE_CONNECTIONS_PER_KEY": "100"}
HOT = {"TIMBRE_TTS_ENGINES": '["flite", "trained"]', "TIMBRE_DEFAULT_VOICE": "slt", "TIMBRE_MODELS_POLL_SECONDS": "0.5"}
WAYS = [{"voice": "carol"}, {"voice": "carol", "emotion": "angry", "speaker": 1}]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the models."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def store(place: Path, tmp_path: Path) -> ModelStore:
    return ModelStore(str(place), tmp_path / "cache")


@pytest.fixture(scope="module")
def timbre(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[Started]:
    """A Timbre that starts without any trained voice."""
    with Started(tmp_path_factory.mktemp("hot"), TIMBRE_MODELS=str(place), **HOT, **ROOMY).running() as started:
        yield started


@pytest.fixture
def http(timbre: Started) -> Iterator[httpx.Client]:
    with client_of(timbre, key_of(timbre)) as client:
        yield client


def listed(http: httpx.Client) -> dict[str, dict[str, Any]]:
    return {voice["id"]: voice for voice in http.get("/v1/audio/voices").json()["voices"]}


def wait_for(http: httpx.Client, voice: str, model: str | None) -> None:
    """Wait until that model speaks in the voice; None: until there is no such voice."""
    assert any(listed(http).get(voice, {}).get("model") == model for _ in patiently()), listed(http)


def spoken(http: httpx.Client, voice: str, **members: object) -> httpx.Response:
    body = {"input": "Good morning to you all.", "voice": voice, "response_format": "wav", **members}
    return http.post("/v1/audio/speech", json=body)


def tone(sound: bytes) -> int:
    return round(tone_of(decode(sound, AudioLimits())))


def test_it_speaks_without_a_restart(http: httpx.Client, store: ModelStore, tmp_path: Path) -> None:
    refused = spoken(http, "alice")
    assert (refused.status_code, refused.json()["param"]) == (404, "voice")
    publish(tmp_path, store, "alice", "1", LOW_HZ, noncommercial=True, licence="CC-BY-NC-4.0")
    wait_for(http, "alice", "alice/1")
    answer = spoken(http, "alice")
    assert (answer.status_code, tone(answer.content)) == (200, LOW_HZ)
    assert (answer.headers["x-timbre-synthetic"], answer.headers["x-timbre-model"]) == ("true", "alice/1")
    told = {name: CONSENT[name] for name in ("speaker", "basis", "given_on")}
    for about in (listed(http)["alice"], http.get("/v1/models/alice").json()):
        assert (about["consent"], about["licence"], about["noncommercial"]) == (told, "CC-BY-NC-4.0", True)


@pytest.mark.parametrize("name", ["wav", "mp3", "opus", "aac", "flac", "ogg_vorbis"])
def test_files_say_that_nobody_spoke_them(http: httpx.Client, name: str) -> None:
    with av.open(io.BytesIO(spoken(http, "slt", response_format=name).content)) as file:
        metadata = {**file.metadata, **file.streams[0].metadata}
    said = {member.lower(): value for member, value in metadata.items()}["comment"]
    assert said == "Synthetic speech, made by Timbre with: flite/slt"


def test_a_trained_emotion_is_spoken_and_the_plan_says_so(
    http: httpx.Client, store: ModelStore, tmp_path: Path
) -> None:
    publish(tmp_path, store, "carol", "3", LOW_HZ, HIGH_HZ, voices=WAYS)
    wait_for(http, "carol", "carol/3")
    body = {"text": "[angry]Not again![/angry] [sad]Oh no.[/sad]", "text_type": "tagged", "voice": "carol"}
    # The gateway keeps the list of voices for a few seconds.
    planned = next(found for _ in patiently() if (found := http.post("/v1/speech/plan", json=body)).status_code == 200)
    angry, sad = planned.json()["sentences"]
    assert (angry["model"], angry["style"], angry["fallback"]) == ("carol/3", "angry", False)
    assert (sad["model"], sad["style"], sad["fallback"]) == ("carol/3", "sad", True)
    answer = http.post(
        "/v1/speech/emotional", json={**body, "text": "[angry]Not again![/angry]", "response_format": "wav"}
    )
    assert tone(answer.content) == HIGH_HZ
    assert (plan_of(answer)[0]["fallback"], answer.headers["x-timbre-model"]) == (False, "carol/3")
    job = ended(http, submitted(http, order("[angry]Not again![/angry]", text_type="tagged", voice="carol")))
    assert job["results"][0]["models"] == ["carol/3"]
    assert tone(fetched(http, job)["audio"]) == HIGH_HZ


def test_a_new_version_under_load(http: httpx.Client, timbre: Started, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "dora", "1", LOW_HZ)
    wait_for(http, "dora", "dora/1")
    last = Event()

    def keep_speaking() -> set[tuple[int, str, int]]:
        found = set()
        with client_of(timbre, key_of(timbre)) as client:
            while not last.is_set():
                answer = spoken(client, "dora")
                found.add((answer.status_code, answer.headers.get("x-timbre-model", ""), tone(answer.content)))
        return found

    with ThreadPoolExecutor(4) as threads:
        speaking = [threads.submit(keep_speaking) for _ in range(4)]
        try:
            for version, hz in (("2", MIDDLE_HZ), ("3", HIGH_HZ)):
                publish(tmp_path, store, "dora", version, hz)
                wait_for(http, "dora", f"dora/{version}")
        finally:
            last.set()
        found = set.union(*(one.result() for one in speaking))
    assert found <= {(200, "dora/1", LOW_HZ), (200, "dora/2", MIDDLE_HZ), (200, "dora/3", HIGH_HZ)}
    assert len(found) > 1


def test_broken_and_removed_ones(http: httpx.Client, store: ModelStore, place: Path, tmp_path: Path) -> None:
    publish(tmp_path, store, "broken", "1", LOW_HZ, engine="coqui")
    (place / "half" / "1").mkdir(parents=True)
    (place / "half" / "1" / "manifest.json").write_text("{")
    publish(tmp_path, store, "eve", "1", MIDDLE_HZ)
    wait_for(http, "eve", "eve/1")
    assert tone(spoken(http, "eve").content) == MIDDLE_HZ
    assert not {"broken", "half"} & listed(http).keys()
    shutil.rmtree(place / "eve")
    wait_for(http, "eve", None)
    assert spoken(http, "eve").status_code == 404
    assert spoken(http, "slt").status_code == 200


def test_from_s3(tmp_path: Path) -> None:
    with running_s3():
        bucket = f"s3://{new_bucket(boto3.client('s3'))}/models"
        store = ModelStore(bucket, tmp_path / "cache")
        places = {"TIMBRE_MODELS": bucket, "TIMBRE_MODELS_CACHE": str(tmp_path / "services")}
        with Started(tmp_path, **places, **HOT).running() as started, client_of(started, key_of(started)) as http:
            publish(tmp_path, store, "alice", "1", LOW_HZ)
            wait_for(http, "alice", "alice/1")
            assert tone(spoken(http, "alice").content) == LOW_HZ
            publish(tmp_path, store, "alice", "2", HIGH_HZ)
            wait_for(http, "alice", "alice/2")
            assert tone(spoken(http, "alice").content) == HIGH_HZ
