"""The key that `make run` prints: made once, kept in .env, known to the gateway by its hash."""

from contextlib import suppress
from pathlib import Path

from dotenv import set_key

from deploy.local.settings import API_KEY
from gateway.key_store import KeyStore, is_strong
from shared.problems import InvalidInput, NotFound

NAME = "make run"


def kept_key(given: str | None, store: KeyStore, env_file: Path) -> str:
    """Return the key `given` if the store takes it, else a fresh one that is also written to `env_file` (mode 600).

    Raises InvalidInput for a weak key of the user's own.
    """
    if given and not is_strong(given):
        raise InvalidInput(f"{API_KEY} is too weak: it must be 40 to 256 random letters, digits, `-` or `_`.")
    if given:
        store.adopt(NAME, given)
        if store.verify(given.encode()):
            return given
    with suppress(NotFound):
        store.revoke(NAME)  # a key that is lost is of no more use
    made = store.create(NAME)
    env_file.touch(mode=0o600)
    env_file.chmod(0o600)
    set_key(env_file, API_KEY, made, quote_mode="never")
    return made
