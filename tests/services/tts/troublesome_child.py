"""A child that does what it is told, good or bad."""

import os
import signal
import time
from typing import Any

from shared.child_process import serve


def handle(request: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
    match request["do"]:
        case "hang":
            time.sleep(600)
        case "burn":
            while True:
                pass
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "grow":
            return {"bytes": len(bytearray(1 << 40))}, b""
        case "print":
            os.write(1, b"noise of a library")
        case "environment":
            return {"names": sorted(os.environ)}, b""
    return {"pid": os.getpid(), "said": request.get("say")}, b"payload"


if __name__ == "__main__":
    serve(handle)
