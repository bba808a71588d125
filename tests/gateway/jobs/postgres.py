"""A PostgreSQL server of its own for the tests, where its programs are installed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.started import patiently

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
}


def is_installed() -> bool:
    """Tell whether the programs are there, and a user for them if we are root, whom they refuse."""
    return all(map(shutil.which, ("initdb", "postgres", "pg_isready"))) and (os.getuid() != 0 or bool(_owner()))


class Postgres:
    """A server whose data lies in a folder, at a port that it keeps."""

    def __init__(self, data: Path) -> None:
        self._data, self._port = data, free_port()
        self._as_owner: dict[str, Any] = {"cwd": "/"}
        if os.getuid() == 0:
            (owner,) = _owner()
            os.chown(data, owner.pw_uid, owner.pw_gid)
            self._as_owner |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        options = ["-U", "timbre", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(["initdb", "-D", data, *options], check=True, capture_output=True, **self._as_owner)

    @property
    def url(self) -> str:
        return f"postgresql://timbre@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = ["postgres", "-D", str(self._data), "-p", str(self._port), *settings]
        self._server = subprocess.Popen(command, **quiet, **self._as_owner)
        for _ in patiently(30):
            if (
                subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)], check=False).returncode
                == 0
            ):
                return
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        """End at once, as a crash does."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server for the block."""
    with tempfile.TemporaryDirectory(prefix="timbre-postgres-") as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _owner() -> list[pwd.struct_passwd]:
    return [one for one in pwd.getpwall() if one.pw_name == "postgres"]
