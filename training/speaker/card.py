"""Write the model card from what was measured."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

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
Served by `services/speaker`, made by `training/speaker/run.sh`. **Data:** {clips:,} recordings of {speakers:,}
speakers. Speakers of validation placed the calibration; all figures are of test speakers, none of whom was heard
before, and each speaker counts as much as any other. Data sets that were not learned from are test as a whole.
Settings: `{settings}`.

It holds no voice prints: nothing that would tell one person from another leaves the network.
"""
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
    yield _INTRODUCTIONS[task].format(name=name) + _DATA.format(settings=dict(settings), **metrics["learned"])
    for version in ("as it is", "varied"):
        if version in metrics:
            yield f"## Recordings: {version}\n"
            yield from _tables(task, metrics[version])
    yield "## What is no speech\n"
    made = metrics["no_speech"]
    yield f"Of {made['sounds']} made noises, tones and tunes, {made['abstained']:.1%} are said to hold no speech."
    if "leaky" in metrics:
        yield f"\nA split by clips instead of speakers would have shown a recall of {metrics['leaky']:.3f}."


def _tables(task: str, figures: Json) -> Iterator[str]:
    columns = _COLUMNS[task]
    yield f"| | {' | '.join(columns.values())} | speakers | recordings |"
    yield "|---" * (len(columns) + 3) + "|"
    rows = {"all": figures["all"]} | ({"a linear model": figures["linear"]} if "linear" in figures else {})
    for group in ("by_data_set", "by_gender", "by_age_group"):
        rows |= figures.get(group, {})
    yield from (_row(name, columns, row) for name, row in rows.items())
    yield ""
    if task == "gender":
        yield f"Expected calibration error {figures['calibration_error']:.3f}; `unknown` {figures['abstained']:.1%}."
        (women, women_as_men), (men_as_women, men) = figures["confusion"]
        yield f"Of women {women} right, {women_as_men} as men; of men {men} right, {men_as_women} as women.\n"
    else:
        yield f"Within the interval: {figures['coverage']:.1%}.\n"


def _row(name: str, columns: Json, row: Json) -> str:
    told = (f"{row[column]:.3f}" if column in row else "" for column in columns)
    return f"| {name} | {' | '.join(told)} | {row['speakers']} | {row['clips']} |"
