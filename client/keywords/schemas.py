"""What the command line reads of the answers about spoken commands."""

from gateway.schemas import Documented


class Match(Documented):
    """A command, and where in the recording it is."""

    keyword: str
    score: float
    start_seconds: float
    end_seconds: float


class OwnKeyword(Documented):
    """A word that was enrolled."""

    keyword: str
    recordings: int
    recall: float
    """Share of these recordings that are taken for the word."""
    false_accepts: float
    """Share of seconds of other sounds that are."""


class OwnModel(Documented):
    """Words that were enrolled together."""

    name: str
    keywords: list[OwnKeyword]
    is_current: bool
    """Whether all were learned on the base model in use."""


class OwnModels(Documented):
    """All models of the caller."""

    data: list[OwnModel]


class Rejected(Documented):
    """A recording that was not learned from."""

    file: int
    """Its place among the files."""
    reason: str


class Enrolled(OwnKeyword):
    """What came of an enrolment."""

    rejected: list[Rejected]
    missed: list[int]
    """Places of the files in which the word is not recognised by what was learned from the others."""


class Answer(Documented):
    """What a recording holds."""

    keyword: str
    """The best command; `unknown` or `silence` where there is none."""
    score: float
    matches: list[Match]
    """Every command that was found; empty where there is none."""
