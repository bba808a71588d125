"""The figures as a table for people."""

from collections.abc import Iterator, Sequence

from training.voices.facts import NEUTRAL
from training.voices.listener.figures import Figures

_ALL = "all"
_WIDTH = 15


def of_listener(figures: Figures) -> Iterator[str]:
    """Yield how well each kind of classifier hears speakers that it never heard, and how well what was chosen does."""
    yield from _line("", ["mean"])
    for kind, mean in figures["kinds"].items():
        yield from _line(kind, [_share(mean)], "  <- chosen" if kind == figures["classifier"] else "")
    yield ""
    yield from _line("", ["acted", *(["real"] if "real" in figures else [])])
    for emotion in (*figures["emotions"], _ALL):
        yield from _line(emotion, _of_real(figures, emotion))


def of_voice(name: str, voice: Figures, listener: Figures) -> Iterator[str]:
    """Yield for each emotion how often it is heard, beside how often it is heard where people speak in it."""
    ways, compared = voice["ways"], voice["compared"]
    columns = ["acted", *(["real"] if "real" in listener else [])]
    yield f"{name}: heard as meant in so many of {voice['sentences']} sentences"
    yield from _line("", [*columns, *ways, *(f"p {pair.split()[0]}" for pair in compared)])
    for emotion in (*(each for each in listener["emotions"] if each != NEUTRAL), _ALL):
        shares = [_share(_of(way, emotion)) for way in ways.values()]
        chances = [_chance(pair.get(emotion)) for pair in compared.values()]
        yield from _line(emotion, [*_of_real(listener, emotion), *shares, *chances])


def _of_real(figures: Figures, emotion: str) -> list[str]:
    return [_share(_of(figures[name], emotion)) for name in ("acted", "real") if name in figures]


def _of(figures: Figures, emotion: str) -> float | None:
    value: float | None = figures["mean"] if emotion == _ALL else figures["right"].get(emotion)
    return value


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _chance(pair: Figures | None) -> str:
    return "-" if pair is None else f"{pair['p']:.1g} {pair['more']}:{pair['less']}"


def _line(title: str, cells: Sequence[str], behind: str = "") -> Iterator[str]:
    yield f"{title:<28}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells) + behind
