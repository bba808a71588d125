"""An S3 that misbehaves: every recording still ends with one right output or one reason, now or in the next run."""

from collections.abc import Iterator

import pytest

from tests.jobs.transcribe.buckets import BROKEN, Ended, Recorded
from tests.shared.objects.misbehaving import (
    Fault,
    Misbehaving,
    Rule,
    error,
    lost,
    misbehaving,
    reset,
    reset_inside,
    shortened,
    truncated,
)

FAULTS: dict[str, Fault] = {
    "500": error(500, "InternalError"),
    "503": error(503, "SlowDown"),
    "reset": reset,
    "lost": lost,
}
BROKEN_BODIES: dict[str, Fault] = {"reset inside": reset_inside, "truncated": truncated, "shortened": shortened}
SOME = ("lost", "shortened")
RATE = 0.2


@pytest.fixture(scope="module")
def proxy(s3_server: str) -> Iterator[Misbehaving]:
    with misbehaving(s3_server) as proxy:
        yield proxy


def run(recorded: Recorded, proxy: Misbehaving) -> Ended:
    return recorded.call("run", AWS_ENDPOINT_URL=proxy.address, TIMBRE_BATCH_LEASE_SECONDS="60")


def settled_at_last(recorded: Recorded, proxy: Misbehaving, *rules: Rule) -> None:
    for number in range(6):
        recorded.add_note(f"{number}.wav", 130.0 if number % 2 else 150.0)
    recorded.add("broken.wav", BROKEN, None)
    proxy.set(*rules, seed=1)
    run(recorded, proxy)
    proxy.set()
    recorded.objects.delete_all("child_job_input/claims/")  # what was left of it may be in the way for a lease
    run(recorded, proxy)
    recorded.require_settled()


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in SOME else pytest.mark.heavy) for name in [*FAULTS, *BROKEN_BODIES]],
)
def test_what_passes(s3: Recorded, proxy: Misbehaving, name: str) -> None:
    faults = FAULTS | BROKEN_BODIES
    operations = ("get",) if name in BROKEN_BODIES else ("get", "put", "head", "delete", "list")
    settled_at_last(s3, proxy, Rule(faults[name], operations=operations, rate=RATE))


@pytest.mark.heavy
def test_all_sorts_at_once(s3: Recorded, proxy: Misbehaving) -> None:
    rules = [Rule(fault, rate=0.05) for fault in FAULTS.values()]
    rules += [Rule(fault, operations=("get",), rate=0.05) for fault in BROKEN_BODIES.values()]
    settled_at_last(s3, proxy, *rules)


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_a_refusal_ends_it_at_once_and_harms_nothing(s3: Recorded, proxy: Misbehaving, code: str) -> None:
    s3.add_note("a.wav")
    proxy.set(Rule(error(403, code)))
    ended = run(s3, proxy)
    assert (ended.status, s3.keys()) == (1, ["input/a.wav"])
    assert "The object storage refuses our credentials." in ended.err
    proxy.set()
    assert run(s3, proxy).status == 0
    s3.require_settled()


def test_a_single_object_that_is_refused_is_left(s3: Recorded, proxy: Misbehaving) -> None:
    s3.add_note("a.wav")
    s3.add_note("b.wav")
    proxy.set(Rule(error(403, "AccessDenied"), operations=("get",), path="input/a.wav"))
    assert s3.call("plan", AWS_ENDPOINT_URL=proxy.address).status == 0
    ended = run(s3, proxy)
    assert (ended.status, s3.keys("input/"), s3.keys("processed/")) == (3, ["a.wav"], ["b.wav"])
    assert "The object storage refuses our credentials." in " ".join(ended.out.split())
