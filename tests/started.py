"""All of Timbre as `make run` starts it, in a folder of its own."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.ports import free_port

ROOT = Path(__file__).parents[1]


class Started:
    """`python -m deploy.local.start` in a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = int(settings.setdefault("TIMBRE_PORT", str(free_port())))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "TIMBRE_TTS_ENGINES": '["fake"]',
            "TIMBRE_DEFAULT_VOICE": "fake",
            "TIMBRE_SENTIMENT_ENGINE": "fake",
            "TIMBRE_KEYWORDS_ENGINE": "fake",
            "TIMBRE_STT_ENGINE": "fake",
            "TIMBRE_SPEAKER_ENGINE": "fake",
            **settings,
        }
        self.folder = folder
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.start"], cwd=folder, env=environment, stdout=output, stderr=output
            )

    @contextlib.contextmanager
    def running(self) -> Iterator["Started"]:
        """Wait until it is ready; end it with the block."""
        try:
            self.welcome()
            yield self
        finally:
            self.process.terminate()
            self.process.wait(60)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def welcome(self) -> str:
        """Wait for the lines that greet the user and return them."""
        for _ in patiently():
            assert self.process.poll() is None, self.output
            if found := re.search(r"\nTimbre is ready at .*Ctrl-C ends Timbre", self.output, re.DOTALL):
                return found[0]
        raise AssertionError(self.output)

    def processes(self) -> dict[int, str]:
        """Return the command line of every process that descends from this one, by process id."""
        parents = {int(stat.parent.name): parent_of(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
        found, fresh = {self.process.pid}, {self.process.pid}
        while fresh:
            fresh = {child for child, parent in parents.items() if parent in fresh} - found
            found |= fresh
        return {number: command_of(number) for number in found}

    def in_progress(self, module: str) -> int:
        """Ask a service itself, past NGINX, how many requests it answers (but this one)."""
        (service,) = [pid for pid, command in self.processes().items() if command.rstrip().endswith(module)]
        variables = dict(line.partition("=")[::2] for line in Path(f"/proc/{service}/environ").read_text().split("\0"))
        text = httpx.get(f"http://127.0.0.1:{variables['TIMBRE_LISTEN_PORT']}/metrics", trust_env=False).text
        found = re.search(r"^timbre_requests_in_progress ([\d.]+)", text, re.MULTILINE)
        assert found
        return int(float(found[1])) - 1

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)


def parent_of(stat: Path) -> int:
    with contextlib.suppress(OSError):
        return int(stat.read_text().rpartition(")")[2].split()[1])
    return 0


def command_of(number: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")
    return ""


def patiently(seconds: float = 120) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
