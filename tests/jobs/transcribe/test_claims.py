"""Claims to recordings: one owner at a time, without a clock in common."""

import pytest

from jobs.transcribe.bucket import Bucket
from jobs.transcribe.claims import Claims, Held, Watch, claim_key, remove_orphans
from shared.objects import ObjectStore
from tests.jobs.transcribe.buckets import Recorded
from tests.started import patiently

KEY = "a/b.wav"
LONG_SECONDS = 3600.0


@pytest.fixture
def objects(recorded: Recorded) -> ObjectStore:
    return recorded.objects


def test_one_holds_it_at_a_time(objects: ObjectStore) -> None:
    one, two = Claims(objects, "one", LONG_SECONDS), Claims(objects, "two", LONG_SECONDS)
    with one.holding(KEY) as held:
        assert held is not None
        with two.holding(KEY) as other:
            assert other is None
        assert objects.exists(claim_key(KEY))
    with two.holding(KEY) as held:
        assert held is not None
        assert held.claim.lives == 1


def test_a_successor_of_the_same_name_takes_up_what_is_left(objects: ObjectStore) -> None:
    leave(objects, "one")
    with Claims(objects, "one", LONG_SECONDS).holding(KEY) as held:
        assert held is not None
        assert held.claim.lives == 2


def test_the_same_process_does_not_count_as_its_own_successor(objects: ObjectStore) -> None:
    claims = Claims(objects, "one", LONG_SECONDS)
    with claims.holding(KEY) as held, claims.holding(KEY) as again:
        assert held
        assert again
        assert again.claim.lives == 1


def test_only_what_is_known_to_be_dead_is_taken_over(objects: ObjectStore) -> None:
    leave(objects, "one")
    etag = objects.head(claim_key(KEY)).etag
    with Claims(objects, "two", LONG_SECONDS).holding(KEY, "another") as held:
        assert held is None
    with Claims(objects, "two", LONG_SECONDS).holding(KEY, etag) as held:
        assert held is not None
        assert held.claim.lives == 2
    assert not objects.exists(claim_key(KEY))


def test_a_living_owner_is_heard_of_and_a_robbed_one_learns_of_it(objects: ObjectStore) -> None:
    with Claims(objects, "one", 0.2).holding(KEY) as held:
        assert held is not None
        first = objects.head(claim_key(KEY)).etag
        assert any(objects.head(claim_key(KEY)).etag != first for _ in patiently())
        # A robber who knows no conditions may be overwritten by a renewal that has looked already.
        assert any(rob(objects, held) or held.is_lost for _ in patiently())
    assert objects.get(claim_key(KEY)) == b"robbed"


def test_who_is_silent_for_a_lease_is_dead_by_the_own_clock(objects: ObjectStore) -> None:
    now = 0.0
    watch = Watch(objects, 10.0, lambda: now)
    leave(objects, "one")
    assert [seen.is_dead for seen in watch.look().values()] == [False]
    now = 9.0
    assert [seen.is_dead for seen in watch.look().values()] == [False]
    leave(objects, "one")  # heard of
    now = 18.0
    (seen,) = watch.look().values()
    assert (seen.is_dead, seen.is_alive) == (False, True)
    now = 27.9
    assert [seen.is_dead for seen in watch.look().values()] == [False]
    now = 28.1
    assert [seen.is_dead for seen in watch.look().values()] == [True]


def test_what_others_put_there_is_nobodys(objects: ObjectStore) -> None:
    objects.put(claim_key(KEY), b"hello")
    with Claims(objects, "one", LONG_SECONDS).holding(KEY) as held:
        assert held is None
    with Claims(objects, "one", LONG_SECONDS).holding(KEY, objects.head(claim_key(KEY)).etag) as held:
        assert held is not None


def test_release(objects: ObjectStore) -> None:
    leave(objects, "one")
    Claims(objects, "two", LONG_SECONDS).release(KEY)
    assert objects.exists(claim_key(KEY))
    for _ in range(2):
        Claims(objects, "one", LONG_SECONDS).release(KEY)
    assert not objects.exists(claim_key(KEY))


def leave(objects: ObjectStore, owner: str) -> None:
    """Leave a claim as a process does that is killed."""
    claims = Claims(objects, owner, LONG_SECONDS)
    held = claims._take(KEY, None)
    assert held is not None


def rob(objects: ObjectStore, held: Held) -> None:
    objects.put(claim_key(held.claim.key), b"robbed")


def test_claims_to_what_is_gone_are_removed(objects: ObjectStore) -> None:
    leave(objects, "one")
    objects.put(f"input/{KEY}", b"")
    remove_orphans(Bucket(objects))
    assert objects.exists(claim_key(KEY))
    objects.delete(f"input/{KEY}")
    remove_orphans(Bucket(objects))
    assert not objects.exists(claim_key(KEY))
