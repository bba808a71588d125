"""What the way through NGINX with auth_request costs over the service itself, with engines that cost nothing."""

import json

from benchmarks import wrk
from benchmarks.rounds import Ratio, compare
from benchmarks.stack import FAKE, Addresses, running_timbre

_SMALL = json.dumps({"text": "The train is late.", "language": "en"}).encode()
_UPLOAD = json.dumps({"input": "Hi.", "response_format": "pcm", "unknown": "x" * 100_000}).encode()
"""100 KB of which the service uses little; members it does not know are ignored."""


def measure() -> list[Ratio]:
    """Return latency and throughput of a small call, and throughput of a 100 KB upload."""
    with running_timbre(FAKE) as timbre:
        return [
            compare(
                "hop: p50 in µs of a small call, 1 connection",
                lambda: small_call(timbre, timbre.public, 1).p50_microseconds,
                lambda: small_call(timbre, timbre.direct["sentiment"], 1).p50_microseconds,
                at_most=2.7,
            ),
            compare(
                "hop: requests/s of a small call, 16 connections",
                lambda: small_call(timbre, timbre.public, 16).requests_per_second,
                lambda: small_call(timbre, timbre.direct["sentiment"], 16).requests_per_second,
                at_least=0.40,
            ),
            *(
                compare(
                    f"100 KB upload: requests/s, {connections} connection(s)",
                    lambda connections=connections: _upload(timbre, timbre.public, connections),  # type: ignore[misc]
                    lambda connections=connections: _upload(timbre, timbre.direct["tts"], connections),  # type: ignore[misc]
                    at_least=0.65,
                )
                for connections in (1, 8)
            ),
        ]


def small_call(timbre: Addresses, address: str, connections: int) -> wrk.Load:
    """POST a short text over and over to the sentiment service that answers at `address`."""
    return wrk.run(f"{address}/v1/text/emotions", _SMALL, timbre.headers, connections)


def _upload(timbre: Addresses, address: str, connections: int) -> float:
    return wrk.run(f"{address}/v1/audio/speech", _UPLOAD, timbre.headers, connections).requests_per_second
