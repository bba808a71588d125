"""A port of this machine that nobody listens on."""

import socket


def free_port() -> int:
    """Return one that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
