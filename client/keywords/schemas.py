"""What the command line reads of the answers about spoken commands."""

from gateway.schemas import Documented


class Match(Documented):
    """A command, and where in the recording it is."""

    keyword: str
    score: float
    start_seconds: float
    end_seconds: float


class Answer(Documented):
    """What a recording holds."""

    keyword: str
    """The best command; `unknown` or `silence` where there is none."""
    score: float
    matches: list[Match]
    """Every command that was found; empty where there is none."""
