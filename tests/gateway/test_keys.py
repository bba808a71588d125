"""The admin command."""

from pathlib import Path

import pytest

from gateway.key_store import KeyStore
from gateway.keys import main


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIMBRE_KEYS", str(tmp_path / "keys.json"))
    return tmp_path / "keys.json"


def test_create_list_revoke(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", "--name", "my app"]) == 0
    secret = capsys.readouterr().out.strip()
    assert KeyStore(path).verify(secret.encode()) == secret[:12]
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert secret[:12] in listed
    assert "my app" in listed
    assert secret not in listed
    assert main(["revoke", "--name", "my app"]) == 0
    assert KeyStore(path).verify(secret.encode()) is None


def test_errors_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "--name", "nobody"]) == 1
    assert "no valid key" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["create"])
