"""The admin command."""

import json
from pathlib import Path

import pytest

from gateway.key_store import KeyStore, aws_secret
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


def test_aws_credentials_are_those_that_the_key_tells(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["create", "--name", "my app"])
    secret = capsys.readouterr().out.strip()
    assert main(["aws", "--name", "my app"]) == 0
    told = capsys.readouterr().out
    assert told == f"export AWS_ACCESS_KEY_ID={secret[:12]}\nexport AWS_SECRET_ACCESS_KEY={aws_secret(secret)}\n"
    assert KeyStore(path).signing_secret(secret[:12]) == aws_secret(secret).encode()
    main(["revoke", "--name", "my app"])
    assert KeyStore(path).signing_secret(secret[:12]) is None


def test_a_key_that_is_older_than_signatures_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = {"id": "tmb_12345678", "name": "old", "sha256": "0" * 64, "created": "2026-01-01"}
    path.write_text(json.dumps({"keys": [old]}))
    assert main(["aws", "--name", "old"]) == 1
    assert "make another" in capsys.readouterr().err
    assert KeyStore(path).signing_secret("tmb_12345678") is None


def test_errors_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "--name", "nobody"]) == 1
    assert "no valid key" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["create"])
