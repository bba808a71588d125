"""A docker engine for the tests: the one that runs here, or one that scripts beside the repository start."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BASE_IMAGES = ("python:3.11-slim-bookworm", "nginx:1.27-bookworm")


@dataclass
class Engine:
    """How to reach the engine."""

    environment: dict[str, str]
    compose: Sequence[str] = ("docker", "compose")

    def run(self, *command: str, timeout_seconds: float = 600, **settings: str) -> str:
        """Run a command from the repository's root and return what it prints; its errors are in the exception."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment | settings, capture_output=True, text=True, timeout=timeout_seconds
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def works(self, *command: str) -> bool:
        """Tell whether a command succeeds."""
        return (
            shutil.which(command[0]) is not None
            and not subprocess.run(command, env=self.environment, capture_output=True, check=False).returncode
        )


def tools() -> Path | None:
    """Return the folder of scripts that start an engine where there is none and no registry to pull from."""
    folder = Path(os.environ.get("TIMBRE_TEST_DOCKER_TOOLS", ROOT.parent / "shared" / "tools" / "docker"))
    return folder if (folder / "engine.sh").exists() else None


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[Engine | None]:
    """Yield an engine with Compose 2, or None if there is neither one nor a way to start it."""
    found = Engine({name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")})
    scripts, started = tools(), False
    if not found.works("docker", "info") and scripts and os.getuid() == 0:
        said = found.run("sh", str(scripts / "engine.sh"), "start")
        found.environment |= dict([said.strip().removeprefix("export ").split("=", 1)])
        started = True
    try:
        if found.works("docker", "info"):
            _fetch_what_is_missing(found, scripts, folder)
        yield found if found.works("docker", "info") and found.works(*found.compose, "version") else None
    finally:
        if started:
            found.run("sh", str(scripts / "engine.sh"), "stop")


def _fetch_what_is_missing(found: Engine, scripts: Path | None, folder: Path) -> None:
    """Fetch Compose and the base images, where the scripts can."""
    if not found.works(*found.compose, "version") and scripts:
        found.environment["DOCKER_CONFIG"] = str(folder)
        found.run("sh", str(scripts / "compose-v2.sh"))
    if scripts and not all(found.works("docker", "image", "inspect", image) for image in _BASE_IMAGES):
        if not shutil.which("mmdebstrap"):
            found.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap")
        found.run("sh", str(scripts / "mk-standins.sh"))
