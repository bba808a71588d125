"""The parts of `make run`: the key in .env, the settings, supervisord's configuration."""

import configparser
import shlex
from pathlib import Path

import pytest

from deploy.local.api_key import NAME, kept_key
from deploy.local.programs import LOCATIONS, Control, Program, free_addresses, programs, supervisord_configuration
from deploy.local.settings import ENV_FILE, LocalSettings, inherited_environment
from gateway.key_store import KeyStore
from shared.problems import InvalidInput

OWN_KEY = "own_0123456789abcdefghijklmnopqrstuvwxyzABCD"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TIMBRE_API_KEY", "TIMBRE_PORT"):
        monkeypatch.delenv(name, raising=False)


class TestKey:
    @pytest.fixture
    def store(self) -> KeyStore:
        return KeyStore(Path(".timbre/keys.json"))

    def test_is_made_written_for_the_user_alone_and_kept(self, store: KeyStore) -> None:
        made = kept_key(None, store, ENV_FILE)
        assert f"TIMBRE_API_KEY={made}\n" == ENV_FILE.read_text()
        assert ENV_FILE.stat().st_mode & 0o777 == 0o600
        assert store.verify(made.encode())
        assert kept_key(LocalSettings().api_key.get_secret_value(), store, ENV_FILE) == made  # type: ignore[union-attr]

    def test_leaves_the_rest_of_the_file_alone(self, store: KeyStore) -> None:
        ENV_FILE.write_text("# mine\nTIMBRE_PORT=8090\n")
        ENV_FILE.chmod(0o644)
        kept_key(None, store, ENV_FILE)
        assert ENV_FILE.read_text().startswith("# mine\nTIMBRE_PORT=8090\nTIMBRE_API_KEY=tmb_")
        assert ENV_FILE.stat().st_mode & 0o777 == 0o600

    def test_own_key_is_taken_also_when_the_store_is_new(self, store: KeyStore) -> None:
        assert kept_key(OWN_KEY, store, ENV_FILE) == OWN_KEY
        assert store.verify(OWN_KEY.encode())
        assert not ENV_FILE.exists()

    def test_revoked_or_lost_key_is_replaced(self, store: KeyStore) -> None:
        first = kept_key(None, store, ENV_FILE)
        store.revoke(NAME)
        second = kept_key(first, store, ENV_FILE)
        third = kept_key(None, store, ENV_FILE)
        assert len({first, second, third}) == 3
        assert [bool(store.verify(key.encode())) for key in (first, second, third)] == [False, False, True]

    def test_weak_key_is_refused(self, store: KeyStore) -> None:
        with pytest.raises(InvalidInput):
            kept_key("secret", store, ENV_FILE)


class TestSettings:
    def test_environment_beats_the_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ENV_FILE.write_text("TIMBRE_PORT=8090\nTIMBRE_DEFAULT_VOICE=rms\nTIMBRE_API_KEY=secret\n")
        assert LocalSettings().port == 8090
        monkeypatch.setenv("TIMBRE_PORT", "8091")
        assert LocalSettings().port == 8091

    def test_processes_inherit_all_but_the_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ENV_FILE.write_text("TIMBRE_DEFAULT_VOICE=rms\nTIMBRE_API_KEY=secret\n")
        monkeypatch.setenv("TIMBRE_API_KEY", "secret")
        environment = inherited_environment()
        assert environment["TIMBRE_DEFAULT_VOICE"] == "rms"
        assert "TIMBRE_API_KEY" not in environment


class TestSupervisord:
    def test_every_service_knows_where_the_others_are(self, tmp_path: Path) -> None:
        settings = LocalSettings(port=8090)
        by_name = {program.name: program.environment for program in programs(settings, tmp_path)}
        nginx = by_name["nginx"]
        assert nginx["TIMBRE_NGINX_LISTEN"] == "127.0.0.1:8090"
        for name in ("gateway", "tts", "sentiment", "keywords", "stt", "speaker"):
            own = "{TIMBRE_LISTEN_HOST}:{TIMBRE_LISTEN_PORT}".format(**by_name[name])
            assert nginx[f"TIMBRE_UPSTREAM_{name.upper()}"] == own
            if name != "gateway":
                assert by_name["gateway"][f"TIMBRE_{name.upper()}_URL"] == f"http://{own}"

    def test_folders_are_as_seen_from_here(self, tmp_path: Path) -> None:
        settings = LocalSettings(data="kept", **dict.fromkeys(LOCATIONS, "calls, s3://bucket/prefix,/srv/calls, "))
        for name in ("gateway", "jobs"):
            (started,) = [program for program in programs(settings, tmp_path) if program.name == name]
            locations = f"{Path.cwd()}/calls,s3://bucket/prefix,/srv/calls"
            assert {started.environment[f"TIMBRE_{name.upper()}"] for name in LOCATIONS} == {locations}
            assert started.environment["TIMBRE_DATA"] == f"{Path.cwd()}/kept"

    def test_no_speaker_service_where_its_engine_is_emptied(self, tmp_path: Path) -> None:
        started = programs(LocalSettings(speaker_engine=""), tmp_path)
        assert "speaker" not in [program.name for program in started]
        assert not [name for program in started for name in program.environment if "SPEAKER" in name]

    def test_the_worker_behind_a_queue_knows_what_the_gateway_knows(self, tmp_path: Path) -> None:
        assert "speaker-worker" not in [program.name for program in programs(LocalSettings(), tmp_path)]
        settings = LocalSettings(speaker_queue="http://localhost/queue")
        by_name = {program.name: program for program in programs(settings, tmp_path)}
        worker, gateway = by_name["speaker-worker"], by_name["gateway"]
        assert worker.command[-1] == "jobs.speaker_worker"
        own = {"TIMBRE_LISTEN_HOST", "TIMBRE_LISTEN_PORT"}
        assert set(worker.environment.items()) - set(gateway.environment.items()) <= {
            (name, worker.environment[name]) for name in own
        }

    def test_commands_and_values_arrive_as_they_are(self, tmp_path: Path) -> None:
        odd = Program("odd", ["/a b/python", "50%"], {"TIMBRE_X": "100%"})
        parser = configparser.RawConfigParser()
        parser.read_string(supervisord_configuration([odd], Control(tmp_path / "supervisor.sock")))
        section = parser["program:odd"]
        assert shlex.split(section["command"]) == ["/a b/python", "50%%"]  # supervisord makes %% a %
        assert section["environment"] == 'TIMBRE_X="100%%"'
        assert parser["unix_http_server"]["password"] == parser["supervisorctl"]["password"]

    def test_free_ports_differ(self) -> None:
        assert len(set(free_addresses(8))) == 8
