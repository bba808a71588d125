"""The TTS service is killed when it was asked and while it answers; the worker asks again."""

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import KILLS, TEXTS, TTS, Mortal
from tests.gateway.jobs.stack import Stack, running


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    """All but the TTS service."""
    sentiment = engines.as_services["TIMBRE_SENTIMENT_URL"]
    with running(
        tmp_path / "stack", "gateway", "worker", TIMBRE_SENTIMENT_URL=sentiment, TIMBRE_SPEAKER_URL=""
    ) as stack:
        yield stack


def die(point: str, kills: int, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    tts = Mortal(stack, "tts", TTS)
    for _ in range(kills):
        tts.start(f"{point}:{dice.randint(1, 2)}")
        with tts.dying():
            ledger.submit(http, dice.choice(TEXTS))
        stack.start("tts")
        ledger.settle(http)
        stack.kill("tts")
    stack.start("tts")
    ledger.next_succeeds(http)


@pytest.mark.heavy
@pytest.mark.parametrize("point", ["asked", "answering"])
def test_it_may_die_anywhere(point: str, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    die(point, KILLS, dice, stack, http, ledger)


def test_it_may_die_in_the_middle_of_an_answer(
    dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger
) -> None:
    die("answering", 1, dice, stack, http, ledger)
