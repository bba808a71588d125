"""Chromium without a window, whose microphone hears a file; spoken to by its own DevTools protocol."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.started import patiently

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """One page."""

    def __init__(self, devtools: ClientConnection) -> None:
        self._devtools = devtools
        self._numbers = count()
        self._session: dict[str, str] = {}
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}

    def open(self, address: str) -> None:
        """Load a page, and wait until it and its scripts are there."""
        self._call("Page.navigate", url=address)
        wanted = f"document.readyState === 'complete' && location.href === {json.dumps(address)}"
        assert any(self.run(wanted) for _ in patiently(60))

    def run(self, script: str, *, wait: bool = False) -> Any:
        """Return the value of an expression in JavaScript, or wait for what it promises."""
        how = {"returnByValue": not wait, "awaitPromise": wait, "userGesture": True}
        result = self._call("Runtime.evaluate", expression=script, **how)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self, part: str) -> str:
        """Return what a part of the page, named by its id, says."""
        return str(self.run(f"document.getElementById({json.dumps(part)}).innerText"))

    def click(self, part: str) -> None:
        self.run(f"document.getElementById({json.dumps(part)}).click()")

    def type(self, part: str, text: str) -> None:
        self.run(f"document.getElementById({json.dumps(part)}).value = {json.dumps(text)}")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._devtools.send(json.dumps({"id": number, "method": method, "params": parameters, **self._session}))
        while True:
            answer = json.loads(self._devtools.recv(60))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])


@contextmanager
def browsing(folder: Path, microphone: Path) -> Iterator[Page]:
    """Run Chromium for the block; its microphone plays a wav file again and again."""
    assert CHROMIUM
    command = [
        CHROMIUM,
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--remote-debugging-port=0", f"--user-data-dir={folder}", "--no-proxy-server", "--mute-audio"),
        *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        f"--use-file-for-fake-audio-capture={microphone}",
        "about:blank",
    ]
    folder.mkdir()
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | {"HOME": str(folder)})
    try:
        with connect(_address(process, folder / "said"), max_size=None, proxy=None) as devtools:
            yield Page(devtools)
    finally:
        process.terminate()
        process.wait(30)


def _address(process: "subprocess.Popen[bytes]", said: Path) -> str:
    for _ in patiently(60):
        assert process.poll() is None, said.read_text()
        if found := re.search(r"DevTools listening on (ws://\S+)", said.read_text()):
            return found[1]
    raise AssertionError(said.read_text())
