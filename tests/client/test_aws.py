"""The settings that point AWS's clients at a Timbre."""

from pathlib import Path

import pytest

from gateway.key_store import KeyStore
from tests.client.shell import Run


def test_they_are_those_that_the_gateway_knows(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KeyStore(tmp_path / "keys.json")
    secret = store.create("mine")
    monkeypatch.setenv("TIMBRE_API_KEY", secret)
    monkeypatch.setenv("TIMBRE_URL", "https://speech.example.com/")
    said = run("aws")
    told = dict(line.removeprefix("export ").split("=", 1) for line in said.out.splitlines())
    assert said.status == 0
    signing = store.signing_secret(told["AWS_ACCESS_KEY_ID"])
    assert signing == told["AWS_SECRET_ACCESS_KEY"].encode()
    addresses = {name: value for name, value in told.items() if name.startswith("AWS_ENDPOINT_URL")}
    assert set(addresses.values()) == {"https://speech.example.com"}
    assert "AWS_ENDPOINT_URL" not in addresses  # S3 is elsewhere


def test_they_need_a_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIMBRE_API_KEY")
    assert run("aws").status == 2
