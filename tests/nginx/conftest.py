"""NGINX and the services behind it, for all tests of this folder."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.nginx.harness import Nginx, Stub, running_nginx, served


@pytest.fixture(scope="session", autouse=True)
def _needs_nginx() -> None:
    if not shutil.which("nginx"):
        pytest.skip("needs NGINX: apt-get install nginx-light")


@pytest.fixture(scope="module")
def stubs() -> Iterator[dict[str, Stub]]:
    """The services by name."""
    with contextlib.ExitStack() as stack:
        names = ("gateway", "tts", "sentiment", "keywords", "stt", "speaker")
        yield {name: stack.enter_context(served(Stub(name))) for name in names}


@pytest.fixture(scope="module")
def upstreams(stubs: dict[str, Stub]) -> dict[str, str]:
    """The settings that tell NGINX where the services are."""
    return {f"TIMBRE_UPSTREAM_{name.upper()}": stub.address for name, stub in stubs.items()}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, upstreams: dict[str, str]) -> Iterator[Nginx]:
    """NGINX as it is for everybody, but less patient with slow callers."""
    with running_nginx(tmp_path_factory.mktemp("nginx"), TIMBRE_CLIENT_SECONDS="1", **upstreams) as running:
        yield running


@pytest.fixture
def start_nginx(tmp_path: Path, upstreams: dict[str, str]) -> Iterator[Callable[..., Nginx]]:
    """Start another NGINX with settings of its own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running_nginx(tmp_path / "nginx", **upstreams | settings))


@pytest.fixture(autouse=True)
def _fresh(stubs: dict[str, Stub]) -> None:
    for stub in stubs.values():
        stub.seen.clear()
        for event in (stub.release, stub.entered, stub.left):
            event.clear()


@pytest.fixture
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    with nginx.client() as client:
        yield client
