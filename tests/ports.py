"""Ports of this machine for servers that tests start."""

import socket
from collections import deque

_MOST_HELD = 256
_held: deque[socket.socket] = deque()


def free_port() -> int:
    """Return one that nobody listens on, and that the system gives to nobody else who asks for any port.

    A socket that does not listen holds it. Servers may take it all the same, as they all set SO_REUSEADDR; they may
    stop and take it again, however many tests run on this machine.
    """
    while len(_held) >= _MOST_HELD:  # a process may not have files without an end
        _held.popleft().close()
    holding = socket.socket()
    holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holding.bind(("127.0.0.1", 0))
    _held.append(holding)
    return int(holding.getsockname()[1])
