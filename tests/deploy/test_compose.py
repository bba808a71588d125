"""docker-compose.yml without an engine: settings reach their service, and nothing is left open."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.settings import GatewaySettings
from jobs.schedule_settings import ScheduleSettings
from jobs.settings import SpeakerWorkerSettings
from jobs.transcribe.settings import BatchSettings
from services.keywords.settings import KeywordsSettings
from services.sentiment.settings import SentimentSettings
from services.speaker.settings import SpeakerSettings
from services.stt.settings import SttSettings
from services.tts.settings import TTSSettings
from shared.settings import ServiceSettings
from training.speaker.data.settings import DatasetSettings

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "gateway": GatewaySettings,
    "tts": TTSSettings,
    "sentiment": SentimentSettings,
    "keywords": KeywordsSettings,
    "stt": SttSettings,
    "speaker": SpeakerSettings,
}
IN_THE_IMAGE = {"listen_host", "listen_port", "keys", "models_cache"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


@pytest.mark.parametrize(("name", "settings"), SETTINGS.items())
def test_every_setting_can_be_set_from_outside(
    services: dict[str, Any], name: str, settings: type[ServiceSettings]
) -> None:
    wanted = {f"TIMBRE_{field.upper()}" for field in set(settings.model_fields) - IN_THE_IMAGE}
    assert wanted <= set(services[name]["environment"])


def test_the_worker_takes_all_of_the_timetable(services: dict[str, Any]) -> None:
    own = set(ScheduleSettings.model_fields) - set(ServiceSettings.model_fields) | {"batch_url", "batch_schedule"}
    assert {f"TIMBRE_{field.upper()}" for field in own} <= set(services["jobs"]["environment"])


def test_the_speaker_worker_runs_only_where_it_is_wanted(services: dict[str, Any]) -> None:
    worker = services["speaker-worker"]
    assert worker["profiles"] == ["aws"]
    assert worker["command"] == ["python", "-m", "jobs.speaker_worker"]
    own = set(SpeakerWorkerSettings.model_fields) - set(GatewaySettings.model_fields)
    shared = {"data", "database", "retention_days", "speaker_url", "speaker_queue", "speaker_results"}
    assert {f"TIMBRE_{field.upper()}" for field in own | shared} <= set(worker["environment"])


def test_the_worker_for_buckets_runs_only_where_it_is_wanted(services: dict[str, Any]) -> None:
    worker, other = services["batch"], services["jobs"]
    assert worker["profiles"] == ["batch"]
    assert worker["build"]["args"] == {"GROUP": "batch", "SERVICE": "gateway.jobs.worker"}
    own = set(BatchSettings.model_fields) - set(SttSettings.model_fields) | {"stt_engine", "stt_model", "stt_threads"}
    wanted = {f"TIMBRE_{field.upper()}" for field in own | {"batch_locations"}}
    assert wanted | set(other["environment"]) <= set(worker["environment"])
    assert "TIMBRE_BATCH_LOCATIONS" not in other["environment"]  # its image cannot do it


def test_the_service_for_models_of_coqui_stands_in_for_the_other(services: dict[str, Any]) -> None:
    own, other = services["coqui"], services["tts"]
    assert own["profiles"] == ["coqui"]
    assert own["environment"].keys() == other["environment"].keys()
    told = {service["build"]["args"]["GROUP"]: service["build"]["args"] for service in (own, other)}
    assert told["tts-coqui"].items() > {**told["tts"], "GROUP": "tts-coqui"}.items()
    asked = [services["nginx"]["environment"]["TIMBRE_UPSTREAM_TTS"]]
    asked += [services[name]["environment"]["TIMBRE_TTS_URL"] for name in ("gateway", "jobs", "batch")]
    assert {place.removeprefix("http://") for place in asked} == {"${TIMBRE_TTS_SERVICE:-tts}:8000"}


def test_nginx_takes_every_setting_of_its_start(services: dict[str, Any]) -> None:
    script = (ROOT / "nginx" / "start.sh").read_text()
    known = set(re.findall(r'"\$\{(TIMBRE_\w+):=', script)) - {"TIMBRE_NGINX_LISTEN", "TIMBRE_RESOLVER"}
    assert known <= set(services["nginx"]["environment"])


@pytest.mark.parametrize("name", ["nginx", "speaker-worker", "jobs", "batch", "coqui", *SETTINGS])
def test_containers_are_closed(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["healthcheck"]
    assert ("ports" in service) is (name == "nginx")


def test_images_run_as_numeric_users_without_rights() -> None:
    for dockerfile in (ROOT / "Dockerfile", ROOT / "nginx" / "Dockerfile"):
        (user,) = re.findall(r"^USER (.*)$", dockerfile.read_text(), re.MULTILINE)
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_example_names_only_settings_that_exist(services: dict[str, Any]) -> None:
    known = {name for service in services.values() for name in service["environment"]}
    known |= set(re.findall(r"TIMBRE_\w+", (ROOT / "docker-compose.yml").read_text()))
    known |= {f"TIMBRE_{name.upper()}" for name in DatasetSettings.model_fields}  # of ./timbre dataset, in no container
    named = set(re.findall(r"^#?(TIMBRE_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named <= known
