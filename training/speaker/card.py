"""Write the model card from what was measured."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
PICTURE = "judged.png"

_INTRODUCTIONS = {
    "gender": """# {name}

Tells whether a voice is heard as a woman's or a man's: what most people would say who hear it, not what a person is. It
learned from what people said of themselves, and knows no third answer but that it does not know.
""",
    "age": """# {name}

Guesses the age of a voice in years, with an interval in which eight of ten lie. Voices tell age poorly: the tables say
how far off it is, and how far off it would be to guess the same of everybody.
""",
}
_DATA = """
Served by `services/speaker`, made by `training/speaker/run.sh`. **Licence:** {licence}{terms}. **Data:** the network
that is judged here learned from {clips:,} recordings of {speakers:,} speakers; the manifest lists what the served one
learned from. Speakers of validation placed the calibration; all figures are of test speakers, none of whom was heard
before, and each speaker counts as much as any other. Data sets that were not learned from are test as a whole.

It holds no voice prints: nothing that would tell one person from another leaves the network.

![how it learned, and what its answers are worth]({picture})
"""
_LIMITS = {
    "gender": """## What it must not be used for

It says how a voice sounds to others, not what a person is. Do not decide with it what somebody may do, have or be
called; do not use it to single people out. Children, hoarse voices, those changed by age or illness, languages and
microphones other than those above: not measured.
""",
    "age": """## What it must not be used for

It is too inexact to decide anything about one person: no proof of age, no admission, no diagnosis. Hardly any children
and few people over seventy were in its recordings.
""",
}
_COLUMNS = {
    "gender": {"recall": "recall, mean of both", "female_recall": "of women", "male_recall": "of men"},
    "age": {
        "error_years": "mean error in years",
        "constant_error_years": "of the same guess for all",
        "correlation": "correlation",
    },
}


def model_card(name: str, task: str, settings: Json, metrics: Json) -> str:
    """Return the card, Markdown."""
    return "\n".join(_lines(name, task, settings, metrics)) + "\n"


def _lines(name: str, task: str, settings: Json, metrics: Json) -> Iterator[str]:
    terms = ": no commercial use" if metrics["noncommercial"] else ""
    told = {"picture": PICTURE, "terms": terms, "licence": metrics["licence"], **metrics["learned"]}
    yield _INTRODUCTIONS[task].format(name=name) + _DATA.format(**told)
    for version in ("as it is", "varied"):
        if version in metrics:
            yield f"## Test recordings, {version}\n"
            yield from _tables(task, metrics[version])
    yield "## What is no speech\n"
    for name, sounds in (("made", "made noises, tones and tunes"), ("recorded", "recorded noises of five seconds")):
        if name in metrics:
            told = metrics[name]
            yield f"Of {told['sounds']} {sounds}, {told['abstained']:.1%} get no answer.\n"
    if "leaky" in metrics:
        yield f"A split by clips instead of speakers would have shown a recall of {metrics['leaky']:.3f}.\n"
    yield _LIMITS[task]
    yield f"## Settings\n\nTraining: `{dict(settings)}`\n\nCalibration: `{metrics['calibration']}`"


def _tables(task: str, figures: Json) -> Iterator[str]:
    columns = _COLUMNS[task]
    yield f"| | {' | '.join(columns.values())} | speakers | recordings |"
    yield "|---" * (len(columns) + 3) + "|"
    rows = {"all": figures["all"]} | ({"a linear model": figures["linear"]} if "linear" in figures else {})
    for group in ("by_data_set", "by_gender", "by_age_group"):
        rows |= figures.get(group, {})
    yield from (_row(name, columns, row) for name, row in rows.items())
    yield ""
    yield from (_answers if task == "gender" else _intervals)(figures)


def _answers(figures: Json) -> Iterator[str]:
    told = figures["answered"]
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(told["reasons"].items())) or "none"
    yield f"Answered: {told['share']:.1%} (recordings without an answer: {reasons})."
    if "recall" in told:
        (women, women_as_men), (men_as_women, men) = told["confusion"]
        yield f"Of what is answered, the recall is {told['recall']:.3f}, the expected calibration error"
        yield f"{told['calibration_error']:.3f}; of women {women} right, {women_as_men} as men; of men {men} right,"
        yield f"{men_as_women} as women.\n"


def _intervals(figures: Json) -> Iterator[str]:
    yield f"Within the interval, which should be 80 %: {figures['within_interval']:.1%}; it is"
    yield f"{figures['interval_years']:.0f} years wide in the mean. Answered: {figures['answered_share']:.1%}.\n"


def _row(name: str, columns: Json, row: Json) -> str:
    told = (f"{row[column]:.3f}" if column in row else "" for column in columns)
    return f"| {name} | {' | '.join(told)} | {row['speakers']} | {row['clips']} |"
