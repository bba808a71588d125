"""The processes of `make run`, as supervisord's configuration."""

import configparser
import io
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.settings import ROOT, LocalSettings, absolute
from shared.listed import listed

GATEWAY = {"gateway": "gateway.app", "jobs": "gateway.jobs.worker"}
BEHIND_IT = {
    "tts": "services.tts.app",
    "sentiment": "services.sentiment.app",
    "keywords": "services.keywords.app",
    "stt": "services.stt.app",
    "speaker": "services.speaker.app",
}
LOCATIONS = ("batch_locations", "voice_training_locations", "media_locations", "output_locations")
"""Settings that list buckets and folders."""
QUEUED = {"speaker-worker": "jobs.speaker_worker"}


@dataclass(frozen=True)
class Program:
    """One process that is kept alive."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Control:
    """How supervisord is asked for the state of its processes."""

    socket: Path
    username: str = "timbre"
    password: str = field(default_factory=secrets.token_hex)


def programs(settings: LocalSettings, folder: Path) -> list[Program]:
    """Return the services that the settings want, each at a free port, and NGINX, which writes under `folder`."""
    behind_it = {name: module for name, module in BEHIND_IT.items() if name != "speaker" or settings.speaker_engine}
    modules = GATEWAY | behind_it | (QUEUED if settings.speaker_queue else {})
    addresses = dict(zip(modules, free_addresses(len(modules)), strict=True))
    data = {"TIMBRE_DATA": absolute(settings.data)}
    of_gateway = {
        "TIMBRE_KEYS": str(settings.keys.absolute()),
        "TIMBRE_DATABASE": absolute(settings.database),
        **{
            f"TIMBRE_{name.upper()}": ",".join(absolute(location) for location in listed(getattr(settings, name)))
            for name in LOCATIONS
        },
        **({"TIMBRE_VOICE_TRAINING_PYTHON": absolute(python)} if (python := settings.voice_training_python) else {}),
        **data,
        **{f"TIMBRE_{name.upper()}_URL": f"http://{addresses[name]}" for name in behind_it},
    }
    extra = {
        "gateway": of_gateway,
        "jobs": of_gateway | {"TIMBRE_WORKER_ID": "local"},
        "speaker-worker": of_gateway,
        "tts": data,
        "keywords": data,
    }
    services = [
        Program(
            name,
            [sys.executable, "-m", "shared.serve", module],
            _listening_at(addresses[name]) | extra.get(name, {}),
        )
        for name, module in modules.items()
    ]
    reached = {name: addresses[name] for name in ("gateway", *behind_it)}
    return [*services, _nginx(settings, reached, folder)]


def _listening_at(address: str) -> dict[str, str]:
    host, _, port = address.rpartition(":")
    return {"TIMBRE_LISTEN_HOST": host, "TIMBRE_LISTEN_PORT": port}


def _nginx(settings: LocalSettings, addresses: dict[str, str], folder: Path) -> Program:
    upstreams = {f"TIMBRE_UPSTREAM_{name.upper()}": address for name, address in addresses.items()}
    own = {
        "TIMBRE_NGINX_FOLDER": str(folder / "nginx"),
        "TIMBRE_NGINX_LISTEN": f"{settings.host}:{settings.port}",
    }
    return Program("nginx", ["/bin/sh", str(ROOT / "nginx" / "start.sh")], own | upstreams)


def free_addresses(count: int) -> list[str]:
    """Return addresses on this machine whose ports are free; held together, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]


def supervisord_configuration(kept: Sequence[Program], control: Control) -> str:
    """Return the text of supervisord.conf."""
    parser = configparser.RawConfigParser()
    parser["supervisord"] = {
        "nodaemon": "true",
        "logfile": "/dev/null",
        "logfile_maxbytes": "0",
        "loglevel": "warn",
        "pidfile": str(control.socket.with_name("supervisord.pid")),
        "identifier": "timbre",
        **({"user": "root"} if os.getuid() == 0 else {}),  # else it warns that it could give up rights
    }
    identity = {"username": control.username, "password": control.password}
    parser["unix_http_server"] = {"file": str(control.socket), "chmod": "0600", **identity}
    parser["supervisorctl"] = {"serverurl": f"unix://{control.socket}", **identity}
    parser["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    parser["group:timbre"] = {"programs": ",".join(program.name for program in kept)}  # so that all end at once
    for program in kept:
        parser[f"program:{program.name}"] = _section(program)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def _section(program: Program) -> dict[str, str]:
    environment = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    return {
        "command": shlex.join(program.command).replace("%", "%%"),
        "directory": str(ROOT).replace("%", "%%"),
        "environment": environment.replace("%", "%%"),
        "autorestart": "true",
        "startsecs": "1",
        "stopwaitsecs": "25",
        "killasgroup": "true",
        "stdout_logfile": "/dev/fd/1",
        "stdout_logfile_maxbytes": "0",
        "redirect_stderr": "true",
    }
