"""Pages for people: open to all, and closed to all that is not theirs."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.nginx.harness import Nginx, Stub, assert_problem

PAGE = "/speaker/"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
FOLDER = Path(__file__).parents[2] / "nginx" / "pages" / "speaker"


def test_page_needs_no_key_and_asks_nobody(client: httpx.Client, stubs: dict[str, Stub]) -> None:
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text == (FOLDER / "index.html").read_text()
    assert not any(stub.seen for stub in stubs.values())


def test_its_parts_are_there_and_no_others(client: httpx.Client) -> None:
    named = re.findall(r'(?:src|href)="(\w[\w.]+)"', client.get(PAGE).text)
    assert sorted(["index.html", *named]) == sorted(path.name for path in FOLDER.iterdir())
    for name in named:
        answer = client.get(PAGE + name)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{KINDS[Path(name).suffix]}; charset=utf-8"
    for name in ("nothing.js", "..%2fnginx.conf", "%2e%2e/problems/busy.json", "../nginx.conf"):
        assert_problem(client.get(PAGE + name), 404, "not-found")
    assert_problem(client.post(PAGE + "speaker.js"), 405, "method-not-allowed")


def test_it_may_run_its_own_scripts_alone(client: httpx.Client) -> None:
    policy = client.get(PAGE).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    text = client.get(PAGE).text
    assert not re.search(r"<script(?! src)|\son\w+=|\sstyle=|<style", text)
    assert "innerHTML" not in (FOLDER / "speaker.js").read_text()


def test_without_the_slash(client: httpx.Client) -> None:
    answer = client.get("/speaker")
    assert (answer.status_code, answer.headers["location"]) == (308, PAGE)


@pytest.mark.parametrize("path", [PAGE, PAGE + "speaker.js"])
def test_where_no_speaker_service_runs_it_says_so(start_nginx: Callable[..., Nginx], path: str) -> None:
    with start_nginx(TIMBRE_UPSTREAM_SPEAKER="").client() as client:
        assert_problem(client.get(path), 501, "not-served")
