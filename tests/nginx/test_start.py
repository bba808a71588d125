"""start.sh: settings, upstreams by name, TLS."""

import re
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.nginx.harness import GOOD, SPEAKER, SPEECH, START, Nginx, Stub, assert_problem

PATHS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
UPSTREAMS = ("GATEWAY", "TTS", "SENTIMENT", "KEYWORDS", "STT")


class TestStart:
    def start(self, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {**PATHS, "TIMBRE_NGINX_FOLDER": str(folder), **settings}
        return subprocess.run(["sh", str(START), "-t"], env=environment, capture_output=True, text=True, check=False)

    def test_configuration_with_upstreams_by_name(self, tmp_path: Path) -> None:
        names = {f"TIMBRE_UPSTREAM_{name}": f"{name.lower()}:8000" for name in UPSTREAMS}
        tested = self.start(tmp_path, **names)
        assert tested.returncode == 0, tested.stderr

    def test_wrong_setting_is_told_at_the_start(self, tmp_path: Path) -> None:
        assert self.start(tmp_path, TIMBRE_TLS_CERTIFICATE="/nowhere.pem").returncode != 0
        assert self.start(tmp_path, TIMBRE_BURST_REQUESTS="many").returncode != 0

    def test_nothing_is_left_to_fill_in(self, nginx: Nginx) -> None:
        rendered = [file.read_text() for file in (nginx.folder / "conf.d").iterdir()]
        assert not any("TIMBRE_" in text for text in rendered)


def test_a_service_that_does_not_run_here(start_nginx: Callable[..., Nginx], stubs: dict[str, Stub]) -> None:
    with start_nginx(TIMBRE_UPSTREAM_SPEAKER="").client() as client:
        answer = client.post(SPEAKER, headers=GOOD, content=bytes(10_000_000))
        elsewhere = client.post(SPEECH, headers=GOOD)
    assert_problem(answer, 501, "not-served")
    assert "retry-after" not in answer.headers
    assert not stubs["speaker"].seen
    assert elsewhere.status_code == 200


def test_tls(start_nginx: Callable[..., Nginx], tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request.split(), *names], check=True, capture_output=True)
    nginx = start_nginx(TIMBRE_TLS_CERTIFICATE=str(certificate), TIMBRE_TLS_KEY=str(key))
    trusting = ssl.create_default_context(cafile=str(certificate))
    with httpx.Client(base_url=f"https://localhost:{nginx.port}", verify=trusting, trust_env=False) as client:
        answer = client.post(SPEECH, headers=GOOD)
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    asked = [
        "curl",
        "-s",
        "--http2",
        "--cacert",
        str(certificate),
        "-w",
        "%{http_version} %{http_code}",
        "-o",
        "/dev/null",
    ]
    address = f"https://localhost:{nginx.port}{SPEECH}"
    told = subprocess.run([*asked, "-d", "{}", "-H", "X-Api-Key: other", address], check=True, capture_output=True)
    assert told.stdout == b"2 200"
    with nginx.client() as plain:
        assert_problem(plain.post(SPEECH, headers=GOOD), 400, "invalid-input")


def test_http2_without_tls_where_nginx_can(nginx: Nginx) -> None:
    version = subprocess.run(["nginx", "-v"], check=True, capture_output=True, env=PATHS).stderr.decode()
    if tuple(map(int, re.findall(r"\d+", version)[:3])) < (1, 25, 1):
        pytest.skip("needs NGINX 1.25.1")
    with httpx.Client(trust_env=False, http1=False, http2=True) as client:
        answer = client.post(f"http://127.0.0.1:{nginx.port}{SPEECH}", headers=GOOD)
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
