"""An S3 that misbehaves: every recording still ends with one right output or one reason, now or in the next run."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from tests.jobs.transcribe.buckets import BROKEN, Ended, Recorded
from tests.shared.objects.misbehaving import (
    Misbehaving,
    Operation,
    Rule,
    error,
    lost,
    misbehaving,
    reset,
    reset_inside,
    shortened,
    silence,
    slow,
    truncated,
)

ALL: tuple[Operation, ...] = ("get", "put", "head", "delete", "list")
RATE = 0.2
FAULTS = {
    "500": Rule(error(500, "InternalError"), ALL, rate=RATE),
    "503": Rule(error(503, "SlowDown"), ALL, rate=RATE),
    "reset": Rule(reset, ALL, rate=RATE),
    "lost": Rule(lost, ALL, rate=RATE),
    "reset inside": Rule(reset_inside, ("get",), rate=RATE),
    "truncated": Rule(truncated, ("get",), rate=RATE),
    "shortened": Rule(shortened, ("get",), rate=RATE),
    "silence": Rule(silence, ALL, rate=RATE, times=5),
    "slow": Rule(slow, ("get",), rate=RATE),
    "full": Rule(error(507, "XMinioStorageFull"), ("put",), rate=RATE),
    "over its quota": Rule(error(403, "QuotaExceeded"), ("put",), rate=RATE),
    "others write at the same time": Rule(error(409, "ConditionalRequestConflict"), ("put",), rate=RATE),
}
SOME = ("lost", "AccessDenied")
CREDENTIALS = "The object storage refuses our credentials."
REFUSALS = {
    "AccessDenied": (403, CREDENTIALS),
    "InvalidAccessKeyId": (403, CREDENTIALS),
    "SignatureDoesNotMatch": (403, CREDENTIALS),
    "ExpiredToken": (400, CREDENTIALS),
    "NoSuchBucket": (404, "The object storage has no bucket of that name."),
}
HALFWAY = {
    "full when outputs are written": (Rule(error(507, "XMinioStorageFull"), ("put",), "/output/"), "no room left"),
    "full when claims are written": (Rule(error(507, "XMinioStorageFull"), ("put",), "/claims/"), "no room left"),
    "may be read only": (Rule(error(403, "AccessDenied"), ("put",)), CREDENTIALS),
    "credentials expire on the way": (Rule(error(400, "ExpiredToken"), ("put",), "/output/"), CREDENTIALS),
    "an output is never stored": (Rule(error(500, "InternalError"), ("put",), "/output/"), "answers with an error"),
    "nothing can be moved": (Rule(error(503, "SlowDown"), ("put",), "/processed/"), "answers with an error"),
    "recordings always come short": (Rule(shortened, ("get",), r"/input/.*wav"), "breaks off"),
}


def some(names: Iterable[str]) -> list[object]:
    """Leave most of these cases to the heavy tests."""
    return [pytest.param(name, marks=() if name in SOME else pytest.mark.heavy) for name in names]


@pytest.fixture(scope="module")
def proxy(s3_server: str) -> Iterator[Misbehaving]:
    with misbehaving(s3_server) as proxy:
        yield proxy


def call(recorded: Recorded, proxy: Misbehaving, command: str = "run") -> Ended:
    return recorded.call(command, AWS_ENDPOINT_URL=proxy.address, TIMBRE_BATCH_LEASE_SECONDS="60")


def fill(recorded: Recorded) -> None:
    for number in range(6):
        recorded.add_note(f"{number}.wav", 130.0 if number % 2 else 150.0)
    recorded.add("broken.wav", BROKEN, None)


def settled_at_last(recorded: Recorded, proxy: Misbehaving) -> None:
    proxy.set()
    recorded.objects.delete_all("child_job_input/claims/")  # what was left of it may be in the way for a lease
    call(recorded, proxy)
    recorded.require_settled()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", some(FAULTS))
def test_what_passes(s3: Recorded, proxy: Misbehaving, name: str) -> None:
    fill(s3)
    proxy.set(replace(FAULTS[name]), seed=1)
    ended = call(s3, proxy)
    assert ended.status == 1 or sum(ended.counts) == 7
    settled_at_last(s3, proxy)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(5))
def test_all_sorts_at_once(s3: Recorded, proxy: Misbehaving, seed: int) -> None:
    fill(s3)
    proxy.set(*(Rule(rule.fault, rule.operations, rate=0.04) for rule in FAULTS.values()), seed=seed)
    ended = call(s3, proxy)
    assert ended.status == 1 or sum(ended.counts) == 7
    settled_at_last(s3, proxy)


@pytest.mark.heavy
@pytest.mark.parametrize("name", HALFWAY)
def test_what_lasts_leaves_recordings_for_the_next_run(s3: Recorded, proxy: Misbehaving, name: str) -> None:
    s3.add_note("a.wav")
    s3.add_note("b.wav")
    rule, words = HALFWAY[name]
    proxy.set(rule)
    ended = call(s3, proxy)
    assert (ended.status, s3.keys("input/"), s3.keys("failed/")) == (3, ["a.wav", "b.wav"], [])
    assert words in " ".join(ended.out.replace("│", " ").split())
    settled_at_last(s3, proxy)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(5))
def test_what_is_moved_back_in_a_storm_is_never_lost(s3: Recorded, proxy: Misbehaving, seed: int) -> None:
    for number in range(8):
        s3.add(f"{number}.wav", BROKEN, None)
    assert s3.call("run").status == 3
    passing = [rule for name, rule in FAULTS.items() if name not in ("silence", "slow")]
    proxy.set(*(Rule(rule.fault, rule.operations, rate=0.04) for rule in passing), seed=seed)
    for command in ("status", "retry", "plan", "retry"):
        call(s3, proxy, command)
    there = {key for place in ("failed/", "input/") for key in s3.keys(place) if not key.endswith(".problem.json")}
    assert there == s3.broken
    proxy.set()
    call(s3, proxy, "retry")
    settled_at_last(s3, proxy)


@pytest.mark.parametrize("code", some(REFUSALS))
def test_a_refusal_ends_it_at_once_and_harms_nothing(s3: Recorded, proxy: Misbehaving, code: str) -> None:
    s3.add_note("a.wav")
    status, words = REFUSALS[code]
    proxy.set(Rule(error(status, code)))
    ended = call(s3, proxy)
    assert (ended.status, s3.keys()) == (1, ["input/a.wav"])
    assert words in ended.err
    proxy.set()
    assert call(s3, proxy).status == 0
    s3.require_settled()


def test_a_single_object_that_is_refused_is_left(s3: Recorded, proxy: Misbehaving) -> None:
    s3.add_note("a.wav")
    s3.add_note("b.wav")
    proxy.set(Rule(error(403, "AccessDenied"), operations=("get",), path="input/a.wav"))
    assert call(s3, proxy, "plan").status == 0
    ended = call(s3, proxy)
    assert (ended.status, s3.keys("input/"), s3.keys("processed/")) == (3, ["a.wav"], ["b.wav"])
    assert CREDENTIALS in " ".join(ended.out.split())
