"""Answers of web servers: by https alone (http within this machine), and led on a few times at most."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.util import parse_url

from shared.problems import InvalidInput, Unavailable

_MOST_REDIRECTS = 5
_PATIENCE = Timeout(connect=20, read=60)


@contextmanager
def answer_to(address: str, headers: Mapping[str, str]) -> Iterator[BaseHTTPResponse]:
    """Yield the answer to a GET, its body unread and as it was sent.

    Raises InvalidInput for an address that is not asked, Unavailable for too many redirects, urllib3's HTTPError.
    """
    url = checked(address)
    for _ in range(_MOST_REDIRECTS + 1):
        with _pool(url) as pool, closing(_asked(pool, url, headers)) as answer:
            location = answer.get_redirect_location()
            if not location:
                yield answer
                return
        url = led_on(url, location)
    raise Unavailable("The server leads us on and on.")


def checked(address: str) -> SplitResult:
    """Return the parts of an address that may be asked; raises InvalidInput."""
    try:
        url = urlsplit(address)
        is_sound = bool(url.hostname) and url.port != 0 and url.username is None
    except ValueError as error:
        raise InvalidInput("The address is malformed.") from error
    if not is_sound or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(url))):
        raise InvalidInput("Models are fetched by https (by http within this machine alone), without a password.")
    return url


def led_on(url: SplitResult, location: str) -> SplitResult:
    """Return where a redirect leads to; raises Unavailable for an address that is not followed."""
    try:
        target = checked(urljoin(url.geturl(), location))
    except (InvalidInput, ValueError) as error:
        raise Unavailable("The server leads us away from https.") from error
    # A server of the world may not make us ask those that listen for this machine alone.
    if is_loopback(target) and not is_loopback(url):
        raise Unavailable("The server leads us into our own machine.")
    return target


def is_loopback(url: SplitResult) -> bool:
    """Tell whether an address is of this machine, whatever a name server says."""
    try:
        return url.hostname == "localhost" or ip_address(url.hostname or "").is_loopback
    except ValueError:
        return False


def _pool(url: SplitResult) -> PoolManager:
    proxy = getproxies().get("https", "")
    if not proxy or is_loopback(url) or proxy_bypass(url.hostname or ""):
        return PoolManager()
    return ProxyManager(proxy, proxy_headers=_proxy_headers(proxy))


def _proxy_headers(proxy: str) -> dict[str, str]:
    """Return what tells a proxy who asks, where its address has a name and a password (RFC 7617)."""
    told = parse_url(proxy).auth
    if not told:
        return {}
    name, _, password = map(unquote_to_bytes, told.partition(":"))
    return {"Proxy-Authorization": f"Basic {b64encode(name + b':' + password).decode()}"}


def _asked(pool: PoolManager, url: SplitResult, headers: Mapping[str, str]) -> BaseHTTPResponse:
    # Each redirect is looked at by us. Packed bodies would not have the length that the server says.
    return pool.request(
        "GET",
        url.geturl(),
        headers={"Accept-Encoding": "identity", "User-Agent": "timbre", **headers},
        preload_content=False,
        decode_content=False,
        redirect=False,
        retries=False,
        timeout=_PATIENCE,
    )
