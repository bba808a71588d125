"""A child that does, for so many samples of sound, what a C library may do."""

import os
import time
from typing import Any

from shared.child_process import serve

ANSWER, CRASH, GROW, HANG, NONSENSE, EXIT = range(1, 7)


def hear(request: dict[str, Any], pcm: bytes) -> tuple[dict[str, Any], bytes]:
    """Answer with the number of this process as the one word, and with what the request says as another."""
    match len(pcm) // 2:
        case 2:
            os.abort()
        case 3:
            bytearray(1 << 40)
        case 4:
            time.sleep(3_600)
        case 5:
            return {"words": [["too", "few"]]}, b""
        case 6:
            os._exit(0)
    return {"words": [[str(os.getpid()), 0.0, 1.0, 0.5], [request["say"], 1.0, 2.0, 0.5]]}, b""


if __name__ == "__main__":
    serve(hear, bound_to_thread=False)
