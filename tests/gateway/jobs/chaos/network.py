"""Network namespaces, each with an address of its own on one bridge, where this machine lets us make them."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.gateway.jobs.forked import Place

_NET = "198.18.{}"  # for benchmarks of networks (RFC 2544): nobody's own


def is_possible() -> bool:
    """Tell whether we may make namespaces and links between them."""
    name = f"timbre-{secrets.token_hex(3)}"
    try:
        made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
    if made:
        _ip("netns", "del", name)
    return made


class Network:
    """A bridge at `hub`, and places behind it whose links can be cut."""

    def __init__(self, undo: ExitStack) -> None:
        self._undo = undo
        self._id = secrets.token_hex(3)
        self._net = _NET.format(os.getpid() % 256)
        self._count = 1
        self.hub = Place(f"{self._net}.1")
        self._make("link", "add", self._bridge, "type", "bridge")
        _ip("address", "add", f"{self.hub.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def place(self) -> Place:
        """Make a namespace with a link to the bridge."""
        self._count += 1
        place = Place(f"{self._net}.{self._count}", f"timbre-{self._id}-{self._count}")
        here, there = self._link(place), "eth0"
        self._make("netns", "add", place.namespace)
        self._make("link", "add", here, "type", "veth", "peer", "name", there, "netns", place.namespace)
        _ip("link", "set", here, "master", self._bridge, "up")
        within = ("-n", place.namespace)
        _ip(*within, "address", "add", f"{place.address}/24", "dev", there)
        for link in (there, "lo"):
            _ip(*within, "link", "set", link, "up")
        return place

    def cut(self, place: Place) -> None:
        _ip("link", "set", self._link(place), "down")

    def mend(self, place: Place) -> None:
        _ip("link", "set", self._link(place), "up")

    @property
    def _bridge(self) -> str:
        return f"tb{self._id}"

    def _link(self, place: Place) -> str:
        return f"tv{self._id}-{place.address.rpartition('.')[2]}"

    def _make(self, kind: str, add: str, name: str, *options: str) -> None:
        _ip(kind, add, name, *options)
        self._undo.callback(subprocess.run, ["ip", kind, "del", name], check=False, capture_output=True)


@contextmanager
def network() -> Iterator[Network]:
    """Make a bridge for the block, and all that is made behind it."""
    with ExitStack() as undo:
        yield Network(undo)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
