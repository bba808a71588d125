"""Runs of wrk (Debian package), the load generator whose own cost is smallest."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_UNIT_MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6}


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk measured."""

    requests_per_second: float
    p50_microseconds: float


def run(url: str, body: bytes, headers: dict[str, str], connections: int, seconds: int = 3) -> Load:
    """POST `body` to `url` over and over. Raises RuntimeError if any answer was not 2xx."""
    with tempfile.TemporaryDirectory() as folder:
        body_file, script = Path(folder, "body"), Path(folder, "post.lua")
        body_file.write_bytes(body)
        lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
        lines += ['wrk.method = "POST"', f'wrk.body = io.open("{body_file}", "rb"):read("*a")']
        script.write_text("\n".join(lines))
        command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in report or "Socket errors" in report:
        raise RuntimeError(f"wrk met errors at {url}:\n{report}")
    return Load(_number(r"Requests/sec:\s+([\d.]+)()", report), _number(r"50%\s+([\d.]+)(us|ms|s)", report))


def _number(pattern: str, report: str) -> float:
    found = re.search(pattern, report)
    if not found:
        raise RuntimeError(f"wrk's report has no {pattern}:\n{report}")
    return float(found[1]) * _UNIT_MICROSECONDS.get(found[2], 1.0)
