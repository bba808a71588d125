"""Points at which a process kills itself. `TEST_FAULT=POINT:COUNT` is when it passes the point for that many a time.

Passings count from when the file `TEST_FAULT_ARMED` is there, if that is set: until then a process can clear up what
the death before it left.
"""

import inspect
import os
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any

_point, _, _count = os.environ["TEST_FAULT"].rpartition(":")
_armed = Path(os.environ.get("TEST_FAULT_ARMED", "/"))
_lock, _passed = Lock(), 0


def passing(point: str) -> None:
    """Die here, if this is the point and the time."""
    global _passed
    if point != _point or not _armed.exists():
        return
    with _lock:
        _passed += 1
        if _passed == int(_count):
            os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, point: str) -> None:
    """Pass the point whenever `owner.name` is called."""
    _wrap(owner, name, lambda: passing(point), _nothing)


def after(owner: Any, name: str, point: str) -> None:
    """Pass the point whenever `owner.name` has returned."""
    _wrap(owner, name, _nothing, lambda: passing(point))


def _wrap(owner: Any, name: str, enter: Callable[[], None], leave: Callable[[], None]) -> None:
    call = getattr(owner, name)

    @wraps(call)
    def one(*given: Any, **named: Any) -> Any:
        enter()
        result = call(*given, **named)
        leave()
        return result

    @wraps(call)
    async def awaited(*given: Any, **named: Any) -> Any:
        enter()
        result = await call(*given, **named)
        leave()
        return result

    setattr(owner, name, awaited if inspect.iscoroutinefunction(call) else one)


def _nothing() -> None:
    pass
