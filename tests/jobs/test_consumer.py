"""Messages handed out: how many at once, and what becomes of those whose work fails."""

import asyncio
import logging

import boto3
import pytest

from jobs import sqs
from jobs.consumer import Consumer, Work
from jobs.sqs import Message, Queue
from shared.health import Health
from shared.problems import NotFound
from tests.aws import RECEIVES, Account

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _emptied(account: Account) -> None:
    """S3 has told the queue already that it found it."""
    boto3.client("sqs").purge_queue(QueueUrl=account.queue)


@pytest.fixture
def health() -> Health:
    health = Health()
    health.clear("start")
    return health


def consumer(account: Account, health: Health, work: Work, at_once: int = 2) -> Consumer:
    return Consumer(Queue(sqs.connect(), account.queue, 1, 3), work, at_once, health)


async def test_no_more_at_once_than_wanted_and_all_of_them(account: Account, health: Health) -> None:
    for number in range(7):
        account.send(str(number))
    now, most, done = 0, 0, asyncio.Event()
    seen: list[str] = []

    async def work(message: Message, _: bool) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.1)
        now -= 1
        seen.append(message.body)
        if len(seen) == 7:
            done.set()

    async with consumer(account, health, work, at_once=3).running(10):
        await asyncio.wait_for(done.wait(), 60)
    assert sorted(seen) == [str(number) for number in range(7)]
    assert most == 3
    assert account.waiting(account.queue) == 0


@pytest.mark.parametrize(
    "error", [RuntimeError("the caller's own words"), pytest.param(NotFound("Gone."), marks=pytest.mark.heavy)]
)
async def test_a_message_whose_work_fails_comes_again_until_it_is_a_dead_letter(
    account: Account, health: Health, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    account.send("one")
    seen: list[tuple[int, bool]] = []
    last = asyncio.Event()

    async def work(message: Message, is_last: bool) -> None:
        seen.append((message.receives, is_last))
        if is_last:
            last.set()
        raise error

    with caplog.at_level(logging.WARNING, "timbre.jobs"):
        async with consumer(account, health, work).running(10):
            assert health.waiting == {"queue": "not asked yet"}
            await asyncio.wait_for(last.wait(), 100)
            assert health.waiting == {}
            while account.waiting(account.dead) == 0:
                await asyncio.sleep(0.2)
    assert seen == [(number, number == RECEIVES) for number in range(1, RECEIVES + 1)]
    assert account.waiting(account.queue) == 0
    assert len([one for one in caplog.records if one.message.startswith("message ")]) == RECEIVES
    assert all("own words" not in one.getMessage() for one in caplog.records)
