"""A command line that sees nothing of whoever runs the tests."""

from pathlib import Path

import pytest

from client.__main__ import main
from client.access import Access
from tests.client.shell import Run, run_of

KEY = "tmb_a-key-that-NGINX-and-the-gateway-find-good_0123456789"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own without a .env, and no settings or proxies of whoever runs the tests."""
    for name in ("TIMBRE_URL", "TIMBRE_PORT", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIMBRE_API_KEY", KEY)
    monkeypatch.setitem(Access.model_config, "env_file", tmp_path / ".env")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return run_of(main, capsys)
