"""Upstreams given by name, as in docker: replicas come and go without a reload."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.nginx.harness import GOOD, SPEECH, Nginx, Stub, patiently, served

_ANSWER = b"\x81\x80\x00\x01%b\x00\x00\x00\x00"
_A_RECORD = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04%b"
_TYPE_A = b"\x00\x01"


class Names:
    """A name server that gives the same addresses for every name."""

    def __init__(self, listening: socket.socket) -> None:
        self.addresses: list[str] = []
        self._listening = listening

    def serve(self) -> None:
        while True:
            query, asker = self._listening.recvfrom(512)
            if not query:
                return
            question = query[12 : query.index(b"\0", 12) + 5]
            records = [
                _A_RECORD % socket.inet_aton(address) for address in self.addresses if question[-4:-2] == _TYPE_A
            ]
            head = query[:2] + _ANSWER % len(records).to_bytes(2, "big")
            self._listening.sendto(head + question + b"".join(records), asker)


@pytest.fixture
def names() -> Iterator[tuple[Names, str]]:
    """A name server and its address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        server = Names(listening)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server, f"127.0.0.1:{listening.getsockname()[1]}"
        listening.sendto(b"", listening.getsockname())
        thread.join()


@pytest.fixture
def replicas() -> Iterator[list[Stub]]:
    """Two services at the same port of two addresses of this machine."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(served(Stub("first")))
        port = int(first.address.rpartition(":")[2])
        yield [first, stack.enter_context(served(Stub("second"), ("127.0.0.2", port)))]


def test_replicas_are_found_and_lost_without_a_reload(
    start_nginx: Callable[..., Nginx], names: tuple[Names, str], replicas: list[Stub]
) -> None:
    server, resolver = names
    hosts = [replica.address.rpartition(":")[0] for replica in replicas]
    server.addresses = hosts[:1]
    port = replicas[0].address.rpartition(":")[2]
    nginx = start_nginx(
        TIMBRE_UPSTREAM_TTS=f"replicas.test:{port}", TIMBRE_RESOLVER=resolver, TIMBRE_REQUESTS_PER_SECOND="100000"
    )
    with nginx.client() as client:

        def answering(count: int) -> set[str]:
            answers = [client.post(SPEECH, headers=GOOD) for _ in range(count)]
            assert {answer.status_code for answer in answers} == {200}
            return {answer.json()["service"] for answer in answers}

        for addresses, expected in ((hosts[:1], {"first"}), (hosts, {"first", "second"}), (hosts[1:], {"second"})):
            server.addresses = addresses
            assert any(answering(8) == expected for _ in patiently())


def test_name_that_is_unknown_is_unavailable(start_nginx: Callable[..., Nginx], names: tuple[Names, str]) -> None:
    with start_nginx(TIMBRE_UPSTREAM_TTS="nobody.test:1", TIMBRE_RESOLVER=names[1]).client() as client:
        answer = client.post(SPEECH, headers=GOOD)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:timbre:problem:unavailable")
