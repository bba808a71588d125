"""All of Timbre as `make run` starts it, for a benchmark: its public address, and the services' own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.programs import Control, Program, free_addresses, programs, supervisord_configuration
from deploy.local.settings import LocalSettings
from deploy.local.stack import running
from gateway.key_store import KeyStore

FAKE = {
    "TIMBRE_TTS_ENGINES": '["fake"]',
    "TIMBRE_DEFAULT_VOICE": "fake",
    "TIMBRE_SENTIMENT_ENGINE": "fake",
    "TIMBRE_KEYWORDS_ENGINE": "fake",
    "TIMBRE_STT_ENGINE": "fake",
}
_UNLIMITED = {
    "TIMBRE_REQUESTS_PER_SECOND": "1000000",
    "TIMBRE_BURST_REQUESTS": "1000000",
    "TIMBRE_LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running Timbre answers, and the key it wants at its public address."""

    public: str
    direct: dict[str, str]
    key: str
    worker: dict[str, str]
    """Environment of the worker that does the jobs."""

    @property
    def headers(self) -> dict[str, str]:
        """What a JSON call sends."""
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}


@contextmanager
def running_timbre(settings: dict[str, str]) -> Iterator[Addresses]:
    """Run Timbre with `settings` (environment variables) for the block."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as name:
        folder = Path(name)
        keys = folder / "keys.json"
        key = KeyStore(keys).create("benchmark")
        port = int(free_addresses(1)[0].rpartition(":")[2])
        database, data = str(folder / "jobs.sqlite"), str(folder / "data")
        speaker = settings.get("TIMBRE_SPEAKER_ENGINE", "")
        local = LocalSettings(port=port, keys=keys, database=database, data=data, speaker_engine=speaker)
        kept = programs(local, folder)
        control, configuration = Control(folder / "supervisor.sock"), folder / "supervisord.conf"
        configuration.write_text(supervisord_configuration(kept, control))
        public = f"http://127.0.0.1:{port}"
        with running(configuration, control, {**os.environ, **_UNLIMITED, **settings}, subprocess.DEVNULL) as stack:
            stack.wait_until_ready(public, 120)
            addresses = {program.name: _address(program) for program in kept}
            worker = next(program.environment for program in kept if program.name == "jobs")
            yield Addresses(public, addresses, key, {**_UNLIMITED, **settings, **worker})


def _address(program: Program) -> str:
    return f"http://127.0.0.1:{program.environment.get('TIMBRE_LISTEN_PORT', '')}"
