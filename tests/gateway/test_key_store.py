"""Keys: strong, never at rest, seen and revoked at once in every process."""

import hmac
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway import key_store
from gateway.key_store import KeyStore, is_strong
from shared.problems import AlreadyExists, InvalidInput, NotFound, Unavailable

STRONG = "tmb_" + "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFG"


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "state" / "keys.json")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


class TestKeys:
    def test_key_is_strong_and_its_id_is_public(self, store: KeyStore) -> None:
        secrets = {store.create(f"app {number}") for number in range(20)}
        assert len(secrets) == 20
        for secret in secrets:
            assert secret.startswith("tmb_")
            assert len(secret) == 4 + 8 + 43
            assert is_strong(secret)
            assert store.verify(secret.encode()) == secret[:12]

    @pytest.mark.parametrize(
        "change", [lambda key: key[:-1], lambda key: key + "A", lambda key: key[:12], lambda _: ""]
    )
    def test_nothing_but_the_whole_key_is_good(self, store: KeyStore, change: object) -> None:
        secret = store.create("app")
        assert store.verify(change(secret).encode()) is None  # type: ignore[operator]

    @pytest.mark.parametrize("garbage", [b"\xff\x00" * 30, b"tmb_", "tmb_é".encode(), b"x" * 100_000])
    def test_garbage_is_refused(self, store: KeyStore, garbage: bytes) -> None:
        store.create("app")
        assert store.verify(garbage) is None

    def test_file_does_not_hold_the_key_and_is_private(self, store: KeyStore, path: Path) -> None:
        secret = store.create("app")
        assert secret[12:] not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert {entry.name for entry in path.parent.iterdir()} <= {"keys.json", "keys.json.lock"}
        kept = {"id", "name", "sha256", "created", "revoked", "aws_secret"}
        assert set(json.loads(path.read_text())["keys"][0]) == kept

    def test_names_are_taken_once_and_come_free_by_revocation(self, store: KeyStore) -> None:
        first = store.create("app")
        with pytest.raises(AlreadyExists):
            store.create("app")
        store.revoke("app")
        second = store.create("app")
        assert (store.verify(first.encode()), store.verify(second.encode())) == (None, second[:12])
        assert [key.revoked is None for key in store.listing()] == [False, True]

    @pytest.mark.parametrize("name", ["", "a/b", "x" * 65, "a\nb", " a"])
    def test_names_are_plain(self, store: KeyStore, name: str) -> None:
        with pytest.raises(InvalidInput):
            store.create(name)

    def test_revoking_nothing_is_an_error(self, store: KeyStore) -> None:
        with pytest.raises(NotFound):
            store.revoke("nobody")

    def test_every_look_compares_one_hash_in_constant_time(
        self, store: KeyStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good, revoked = store.create("app"), store.create("old")
        store.revoke("old")
        compared: list[tuple[str, str]] = []

        def counting(left: str, right: str) -> bool:
            compared.append((left, right))
            return hmac.compare_digest(left, right)

        monkeypatch.setattr(key_store, "hmac", type("Hmac", (), {"compare_digest": staticmethod(counting)}))
        for secret in (good, good[:-1] + "!", "unknown" * 8, revoked):
            store.verify(secret.encode())
        assert len(compared) == 4
        assert all(len(left) == len(right) == 64 for left, right in compared)


class TestOperatorsKey:
    @pytest.mark.parametrize("weak", ["", "secret", "a" * 60, "tmb_short", "0123456789abcdef " * 3, "ü" * 50])
    def test_weak_keys_are_known(self, weak: str) -> None:
        assert not is_strong(weak)

    def test_another_key_takes_its_place_and_the_same_one_stays(self, store: KeyStore) -> None:
        other = STRONG.replace("0123", "3210")
        store.adopt("env", STRONG)
        store.adopt("env", STRONG)
        assert store.verify(STRONG.encode()) == STRONG[:12]
        store.adopt("env", other)
        assert (store.verify(STRONG.encode()), store.verify(other.encode())) == (None, other[:12])

    def test_a_revoked_one_does_not_come_back(self, store: KeyStore) -> None:
        store.adopt("env", STRONG)
        store.revoke("env")
        store.adopt("env", STRONG)
        assert store.verify(STRONG.encode()) is None

    def test_two_keys_never_share_an_id(self, store: KeyStore) -> None:
        store.adopt("env", STRONG)
        with pytest.raises(AlreadyExists):
            store.adopt("env", STRONG + "more")

    def test_first_key_is_made_once(self, store: KeyStore) -> None:
        made = store.create_first("first")
        assert made is not None
        assert store.create_first("first") is None
        store.revoke("first")
        assert store.create_first("first") is None


class TestProcesses:
    def test_changes_elsewhere_are_seen_at_once(self, store: KeyStore, path: Path) -> None:
        elsewhere = KeyStore(path)
        secret = store.create("app")
        assert elsewhere.verify(secret.encode()) == secret[:12]
        store.revoke("app")
        assert elsewhere.verify(secret.encode()) is None

    def test_many_processes_lose_no_key(self, path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from gateway.key_store import KeyStore\n"
            "store = KeyStore(Path(sys.argv[1]))\n"
            "for number in range(10): store.create(f'{sys.argv[2]}-{number}')"
        )

        def run(name: str) -> int:
            return subprocess.run([sys.executable, "-c", program, str(path), name], check=False, timeout=60).returncode

        with ThreadPoolExecutor() as pool:
            assert list(pool.map(run, ["a", "b"])) == [0, 0]
        names = {key.name for key in KeyStore(path).listing()}
        assert names == {f"{process}-{number}" for process in "ab" for number in range(10)}

    def test_a_file_that_is_gone_or_broken_opens_no_door(self, store: KeyStore, path: Path) -> None:
        secret = store.create("app")
        content = path.read_bytes()
        for broken in (b"", b"{", b'{"keys": [{"id": 1}]}', b"[]"):
            path.write_bytes(broken)
            assert store.verify(secret.encode()) is None
            with pytest.raises(Unavailable):
                store.create("other")
            assert path.read_bytes() == broken
        path.unlink()
        assert store.verify(secret.encode()) is None
        path.write_bytes(content)
        assert store.verify(secret.encode()) == secret[:12]
