"""What lies in input/: recordings that wait, and names that nothing can be done with, which get a reason each."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from gateway.schemas import Documented
from jobs.transcribe.bucket import REASON, REFUSED, Bucket
from shared.objects import ObjectInfo
from shared.objects.base import LeftOut
from shared.printable import printable
from shared.problems import InvalidInput, Json

_WRITERS = 16
_OURS = re.compile(rf"{REFUSED}[0-9a-f]{{32}}{re.escape(REASON)}")


class RefusedName(Documented):
    """Why nothing was done with what lies in input/ under a name that no key may have."""

    name: str
    """Printed harmlessly: an escape is \\x1b."""
    problem: dict[str, Json]
    """As a call would answer (RFC 9457)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was found in input/."""

    recordings: list[ObjectInfo]
    refused: list[LeftOut]
    """Their names are whatever somebody made up."""


def waiting_in(bucket: Bucket) -> Waiting:
    """Return what lies in input/."""
    refused: list[LeftOut] = []
    recordings = list(bucket.inputs(refused.append))
    return Waiting(recordings, refused)


def with_reasons(bucket: Bucket) -> Waiting:
    """Return what lies in input/, and put on record why nothing is done with names, for as long as they are there."""
    listed = bucket.objects.list(REFUSED)
    told = {info.key for info in listed if _OURS.fullmatch(info.key)}  # first: what others tell from now on stays
    waiting = waiting_in(bucket)
    reasons = {_reason_key(each.name): each for each in waiting.refused}

    def tell(key: str) -> None:
        bucket.objects.put(key, _json(reasons[key]))

    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(tell, reasons.keys() - told))
        list(writers.map(bucket.objects.delete, told - reasons.keys()))
    return waiting


def _reason_key(name: str) -> str:
    return f"{REFUSED}{sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}{REASON}"


def _json(refused: LeftOut) -> bytes:
    reason = RefusedName(name=printable(refused.name), problem=InvalidInput(refused.why).body())
    return reason.model_dump_json(indent=1).encode() + b"\n"
