"""Partials: one at a time, a rest behind each, errors told, and nothing left when they are given up."""

import asyncio

import pytest

from services.stt.partials import LEAST_REST_SECONDS, Partials
from shared.problems import EngineFailed

pytestmark = pytest.mark.anyio


async def test_one_at_a_time_and_a_rest_of_the_same_length() -> None:
    partials, gate, now = Partials(), asyncio.Event(), asyncio.get_running_loop().time
    assert partials.are_due
    began = now()
    partials.begin(lambda: gate.wait())
    await asyncio.sleep(2 * LEAST_REST_SECONDS)
    assert not partials.are_due
    gate.set()
    ended = now()
    while not partials.are_due:
        await asyncio.sleep(0.01)
    assert now() - ended >= 0.9 * (ended - began)


async def test_what_went_wrong_is_raised_once() -> None:
    partials = Partials()

    async def fail() -> None:
        raise EngineFailed("broken")

    partials.begin(fail)
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(EngineFailed):
        _ = partials.are_due


async def test_who_gives_up_waits_for_nothing() -> None:
    partials, never, before = Partials(), asyncio.Event(), asyncio.all_tasks()
    await partials.aclose()
    partials.begin(lambda: never.wait())
    await partials.aclose()
    assert asyncio.all_tasks() == before
