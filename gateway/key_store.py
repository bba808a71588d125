"""API keys at rest: one small file, written atomically, followed by a running gateway as it changes."""

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
from filelock import FileLock

from shared.objects.atomic import atomic_write, opened_folder
from shared.problems import AlreadyExists, InvalidInput, NotFound, Unavailable

_log = logging.getLogger("timbre.keys")
_ID_CHARACTERS = 12
_STRONG_KEY = re.compile(r"[A-Za-z0-9_-]{40,256}")
_NAME = re.compile(r"\w[\w. -]{0,63}")
_LEAST_DISTINCT_CHARACTERS = 12
_NO_DIGEST = "0" * 64
_MISSING = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key. The key is not: only its SHA-256 is kept, and what AWS's clients sign with in its place.

    A signature can be checked only by who has the secret, so that stands here; nothing but signing can be done with it.
    """

    id: str
    """The key's first characters. They are public: logs and listings name a key by them."""
    name: str
    sha256: str
    created: str
    """UTC, ISO 8601; so is `revoked`."""
    revoked: str | None = None
    aws_secret: str | None = None
    """The secret access key with which AWS's clients sign; None for keys that are older than that."""


def is_strong(secret: str) -> bool:
    """Tell whether a key made by the operator is as long and varied as 128 random bits, after the public characters."""
    return _STRONG_KEY.fullmatch(secret) is not None and len(set(secret)) >= _LEAST_DISTINCT_CHARACTERS


def key_id(secret: str) -> str:
    """Return the public part of a key, which is the access key id of AWS's clients."""
    return secret[:_ID_CHARACTERS]


def aws_secret(secret: str) -> str:
    """Return the secret access key that goes with an API key: who has the key can tell it, but not the other way."""
    return hmac.new(secret.encode(), b"timbre aws secret access key", hashlib.sha256).hexdigest()[:40]


class KeyStore:
    """The keys in the file at `path`. Any number of processes may read and change it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _MISSING
        self._keys: dict[str, Key] = {}

    def verify(self, secret: bytes) -> str | None:
        """Return the id of the key `secret`, or None if it is unknown or revoked.

        Takes as long for an unknown id as for a known one: one hash and one comparison in constant time.
        """
        self._follow()
        key = self._keys.get(secret[:_ID_CHARACTERS].decode("latin-1"))
        expected = _NO_DIGEST if key is None or key.revoked else key.sha256
        matches = hmac.compare_digest(hashlib.sha256(secret).hexdigest(), expected)
        return key.id if key is not None and matches else None

    def signing_secret(self, key_id: str) -> bytes | None:
        """Return the secret access key that goes with a key's id, or None if it is unknown, revoked, or has none."""
        self._follow()
        key = self._keys.get(key_id)
        return key.aws_secret.encode() if key and key.aws_secret and not key.revoked else None

    def listing(self) -> list[Key]:
        """Return all keys, revoked ones too, oldest first."""
        self._follow()
        return list(self._keys.values())

    def create(self, name: str) -> str:
        """Make a key under `name` and return it: this is the only time it can be seen. Raises AlreadyExists."""
        with self._changing() as keys:
            return self._create(keys, name)

    def create_first(self, name: str) -> str | None:
        """Make a key if there has never been one, and return it; None if there is one already."""
        with self._changing() as keys:
            return None if keys else self._create(keys, name)

    def adopt(self, name: str, secret: str) -> None:
        """Take a strong key that the operator made, in place of an earlier one of that name.

        A key that was revoked stays revoked. Raises AlreadyExists for one that begins like another.
        """
        key = _key(name, secret)
        with self._changing() as keys:
            if key.id not in keys:
                self._write([*(_revoked(other) if other.name == name else other for other in keys.values()), key])
            elif keys[key.id].sha256 != key.sha256:
                raise AlreadyExists("There is a key that begins with the same characters.", param="key")
            elif keys[key.id].aws_secret is None:
                self._write((keys | {key.id: replace(keys[key.id], aws_secret=key.aws_secret)}).values())

    def valid(self, name: str) -> Key:
        """Return the key of that name. Raises NotFound."""
        self._follow()
        return _valid(self._keys, name)

    def revoke(self, name: str) -> Key:
        """Make the key of that name worthless, at once in every process. Raises NotFound."""
        with self._changing() as keys:
            found = _valid(keys, name)
            self._write((keys | {found.id: _revoked(found)}).values())
        return found

    def _follow(self) -> None:
        """Read the file again if it is another one than last time. A file that is gone or broken holds no key."""
        seen = self._stamp()
        if seen == self._seen:
            return
        try:
            self._keys = _read(self._path)
        except Unavailable:
            _log.error("the file of keys cannot be read; no key is valid")
            self._keys = {}
        self._seen = seen

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return _MISSING
        return found.st_mtime_ns, found.st_ino, found.st_size

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """Hold the lock of all processes and yield the keys as they are now. Raises Unavailable for a broken file."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._path.with_name(self._path.name + ".lock")
        with FileLock(lock, mode=0o600, preserve_lock_file=True, fallback_to_soft=False):
            yield _read(self._path)

    def _create(self, keys: dict[str, Key], name: str) -> str:
        _require_name(name)
        if any(other.name == name and not other.revoked for other in keys.values()):
            raise AlreadyExists("There is a key of that name; revoke it first or choose another.", param="name")
        # The first characters are the public id; 256 random bits come after them.
        secret = f"tmb_{secrets.token_urlsafe(6)}{secrets.token_urlsafe(32)}"
        self._write([*keys.values(), _key(name, secret)])
        return secret

    def _write(self, keys: Iterable[Key]) -> None:
        content = orjson.dumps({"keys": [asdict(key) for key in keys]}, option=orjson.OPT_INDENT_2)
        with opened_folder(self._path.parent) as folder, atomic_write(folder, self._path.name) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)


def _read(path: Path) -> dict[str, Key]:
    """Return the keys by id; none if there is no file. Raises Unavailable for a file that is not ours."""
    try:
        keys = [Key(**key) for key in orjson.loads(path.read_bytes())["keys"]]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unavailable("The file of API keys cannot be read.") from error
    return {key.id: key for key in keys}


def _key(name: str, secret: str) -> Key:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return Key(key_id(secret), name, digest, _now(), aws_secret=aws_secret(secret))


def _valid(keys: Mapping[str, Key], name: str) -> Key:
    found = next((key for key in keys.values() if key.name == name and not key.revoked), None)
    if found is None:
        raise NotFound("There is no valid key of that name.", param="name")
    return found


def _revoked(key: Key) -> Key:
    return replace(key, revoked=key.revoked or _now())


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput("A name has 1 to 64 letters, digits, spaces, '.', '-' or '_'.", param="name")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
