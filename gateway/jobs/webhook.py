"""Telling an address of a caller's choice that a job has ended: signed, and never a way into the house."""

import hashlib
import hmac
import time

import aiohttp

from gateway.public_internet import public_session, require_name_or_public
from shared.problems import InvalidInput, Unavailable

_SECONDS = aiohttp.ClientTimeout(total=10, connect=5)


def signature(body: bytes, secret: str, now_seconds: int) -> str:
    """Return the value of Timbre-Signature: the time, and HMAC-SHA256 of `TIME.BODY`, as Stripe's webhooks have it."""
    digest = hmac.new(secret.encode(), b"%d.%b" % (now_seconds, body), hashlib.sha256)
    return f"t={now_seconds},v1={digest.hexdigest()}"


async def deliver(url: str, secret: str, body: bytes, *, inside: bool = False) -> None:
    """Post the body; with `inside` also to addresses of the own network.

    Raises InvalidInput for an address that is not allowed, Unavailable for any answer but 2xx, a redirect too.
    """
    headers = {"Content-Type": "application/json", "Timbre-Signature": signature(body, secret, int(time.time()))}
    try:
        status = await _status(url, headers, body, inside=inside)
    except InvalidInput as problem:
        problem.param = "webhook.url"
        raise
    if not 200 <= status < 300:
        raise Unavailable(f"The webhook's address answered {status}.")


async def _status(url: str, headers: dict[str, str], body: bytes, *, inside: bool) -> int:
    """Return what the address answers, which is all that counts: the body is not read, however long or slow it is."""
    if not inside:
        require_name_or_public(url)
    async with public_session(_SECONDS, inside=inside) as session:
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.InvalidURL, UnicodeError) as error:
            raise InvalidInput("The webhook's address cannot be read.") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The webhook's address cannot be reached.") from error
