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
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
}


def is_installed() -> bool:
    """Tell whether the programs are there, and a user for them if we are root, whom they refuse."""
    return all(map(shutil.which, ("initdb", "postgres", "pg_isready"))) and (os.getuid() != 0 or bool(_owner()))


class Postgres:
    """A server whose data lies in a folder, at a port that it keeps."""

    def __init__(self, data: Path, address: str) -> None:
        self._data, self._address, self._port = data, address, free_port()
        self._as_owner: dict[str, Any] = {"cwd": "/"}
        if os.getuid() == 0:
            (owner,) = _owner()
            os.chown(data, owner.pw_uid, owner.pw_gid)
            self._as_owner |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        options = ["-U", "timbre", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(["initdb", "-D", data, *options], check=True, capture_output=True, **self._as_owner)
        (data / "pg_hba.conf").write_text("host all all samenet trust\n")

    @property
    def url(self) -> str:
        return f"postgresql://timbre@{self._address}:{self._port}/postgres"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        command = ["postgres", "-D", str(self._data), "-h", self._address, "-p", str(self._port), *settings]
        self._server = subprocess.Popen(command, **quiet, **self._as_owner)
        ready = ["pg_isready", "-q", "-h", self._address, "-p", str(self._port)]
        for _ in patiently(30):
            if subprocess.run(ready, check=False).returncode == 0:
                return
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        """End at once, as a crash does."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)

    def kill(self) -> None:
        """End all processes of the server without a warning."""
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait(30)


@contextmanager
def running_postgres(address: str = "127.0.0.1") -> Iterator[Postgres]:
    """Run a server for the block."""
    with tempfile.TemporaryDirectory(prefix="timbre-postgres-") as folder:
        server = Postgres(Path(folder), address)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _owner() -> list[pwd.struct_passwd]:
    return [one for one in pwd.getpwall() if one.pw_name == "postgres"]
