"""A word of a caller's own through the public address: taught, heard, and nobody else's."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from gateway.key_store import KeyStore
from shared.audio import Sound, encode
from tests.started import Started

RATE_HZ = 16_000
MODELS = "/v1/keywords/models"


def whistled(number: int) -> bytes:
    """Return a second with a whistle between the tones of the words, a little different each time."""
    random = np.random.default_rng(number)
    seconds = np.arange(RATE_HZ) / RATE_HZ
    begin = random.uniform(0.2, 0.3)
    spoken = (seconds >= begin) & (seconds < begin + random.uniform(0.4, 0.5))
    tone = random.uniform(0.2, 0.4) * np.sin(2 * np.pi * 3_000 * seconds) * spoken
    return encode(Sound((tone + random.normal(scale=0.001, size=RATE_HZ)).astype(np.float32), RATE_HZ), "wav")


@pytest.fixture
def stranger(stack: Started) -> Iterator[httpx.Client]:
    """A client with a key of its own."""
    key = KeyStore(stack.folder / ".timbre" / "keys.json").create("stranger")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}", headers=headers, timeout=60, trust_env=False) as http:
        yield http


def test_is_heard_by_its_owner_alone(public: httpx.Client, stranger: httpx.Client) -> None:
    files = [("files", (f"{number}.wav", whistled(number))) for number in range(10)]
    taught = public.post(MODELS, data={"name": "mine", "keyword": "whistle"}, files=files)
    assert taught.status_code == 201, taught.text

    def heard(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/audio/keywords", data={"model": "mine"}, files={"file": whistled(99)})

    assert heard(public).json()["keyword"] == "whistle"
    assert public.get(f"{MODELS}/mine").status_code == 200
    assert (heard(stranger).status_code, stranger.get(f"{MODELS}/mine").status_code) == (404, 404)
    assert stranger.delete(f"{MODELS}/mine").status_code == 404
    assert public.delete(f"{MODELS}/mine").is_success
    assert heard(public).status_code == 404
