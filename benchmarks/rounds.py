"""Interleaved rounds of two measurements, and the ratio of their medians with a bootstrap interval."""

import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Ratio:
    """median(ours) / median(reference), with the 95 % interval of a bootstrap over the rounds' own ratios."""

    name: str
    ours: float
    reference: float
    low: float
    high: float
    goal: str
    reached: bool

    @property
    def value(self) -> float:
        """The median of the ratios of each round."""
        return self.ours / self.reference

    def row(self) -> str:
        """One line of the table."""
        mark = "ok" if self.reached else "MISSED"
        interval = f"[{self.low:.2f}, {self.high:.2f}]"
        numbers = f"{self.ours:>12.4g}{self.reference:>12.4g}{self.value:>8.3f}"
        return f"{self.name:<58}{numbers} {interval:>14} {self.goal:>8} {mark}"


def compare(
    name: str,
    ours: Callable[[], float],
    reference: Callable[[], float],
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    rounds: int = ROUNDS,
) -> Ratio:
    """Measure both `rounds` times in turn, so that a drift of the machine's speed touches both alike."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    ratios = [a / b for a, b in pairs]
    low, high = _interval(ratios)
    value = statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)
    reached = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    goal = f"<= {at_most}" if at_most is not None else f">= {at_least}" if at_least is not None else "-"
    return Ratio(
        name,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        low,
        high,
        goal,
        reached,
    )


def show(title: str, ratios: list[Ratio]) -> None:
    """Write the table."""
    head = f"{title:<58}{'ours':>12}{'reference':>12}{'ratio':>8} {'95 %':>14} {'goal':>8}"
    sys.stdout.write("\n".join([head, "-" * len(head), *(ratio.row() for ratio in ratios), ""]) + "\n")
    sys.stdout.flush()


def _interval(ratios: list[float]) -> tuple[float, float]:
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES))
    return medians[int(0.025 * _RESAMPLES)], medians[int(0.975 * _RESAMPLES)]
