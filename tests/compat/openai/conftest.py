"""OpenAI's own client, unmodified, before the whole product: real NGINX, real processes, real engines."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import httpx2
import openai
import pytest

from shared.audio import encode
from tests.sounds import spoken
from tests.started import Started

CONNECTIONS_PER_KEY = 8
SENTENCE = "The old house was quiet."
HEARD = "the old house is quiet"
"""What the engine that needs no model makes of it."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Timbre with its own voices and listener, and an engine that translates; no model at all."""
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        pytest.skip("needs NGINX: nginx-light")
    settings = {
        "TIMBRE_TTS_ENGINES": '["flite"]',
        "TIMBRE_DEFAULT_VOICE": "slt",
        "TIMBRE_STT_ENGINE": "pocketsphinx",
        "TIMBRE_STT_FURTHER_MODELS": "fake",
        "TIMBRE_SPEAKER_ENGINE": "",
        "TIMBRE_CONNECTIONS_PER_KEY": str(CONNECTIONS_PER_KEY),
        "TIMBRE_REQUESTS_PER_SECOND": "10000",
        "TIMBRE_BURST_REQUESTS": "10000",
    }
    models = tmp_path_factory.mktemp("models")
    with Started(tmp_path_factory.mktemp("openai"), TIMBRE_MODELS=str(models), **settings).running() as started:
        yield started


@pytest.fixture(scope="session")
def key(stack: Started) -> str:
    return Path(stack.folder, ".env").read_text().strip().removeprefix("TIMBRE_API_KEY=")


@pytest.fixture(scope="session")
def address(stack: Started) -> str:
    return f"http://127.0.0.1:{stack.port}"


@pytest.fixture(scope="session")
def client(address: str, key: str) -> Iterator[openai.OpenAI]:
    """The client as its documentation makes it, but that errors are seen at once."""
    with openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(address: str, key: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture
def plain(address: str, key: str) -> Iterator[httpx.Client]:
    """Any other program, with a key."""
    with httpx.Client(
        base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def counting(address: str, key: str) -> Iterator[Callable[..., tuple[openai.OpenAI, list[int]]]]:
    """Make clients that tell the status of each answer; `on_answer` is called with each."""
    made: list[openai.OpenAI] = []

    def make(max_retries: int, on_answer: Callable[[int], None] = lambda _: None) -> tuple[openai.OpenAI, list[int]]:
        statuses: list[int] = []

        def note(response: httpx2.Response) -> None:
            statuses.append(response.status_code)
            on_answer(response.status_code)

        http = openai.DefaultHttpxClient(event_hooks={"response": [note]})
        made.append(openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=max_retries, http_client=http))
        return made[-1], statuses

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def recording() -> bytes:
    """A sentence, as wav."""
    return encode(spoken("slt", SENTENCE), "wav")
