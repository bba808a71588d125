"""`<say-as>` in English: readings, and text that cannot be read as asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tts.normalise import normalise
from shared.text.document import Run, SayAs
from shared.text.ssml_elements import INTERPRETATIONS

SAY_AS = [
    ("abc", "characters", None, "A B C"),
    ("a-1", "spell-out", None, "A dash one"),
    ("12", "cardinal", None, "twelve"),
    ("1984", "number", None, "one thousand nine hundred and eighty four"),
    ("3", "ordinal", None, "third"),
    ("3rd", "ordinal", None, "third"),
    ("1984", "digits", None, "one nine eight four"),
    ("3/20", "fraction", None, "three twentieths"),
    ("1+1/2", "fraction", None, "one and a half"),
    ("10 km", "unit", None, "ten kilometres"),
    ("1/2/2024", "date", "mdy", "January second twenty twenty four"),
    ("1/2/2024", "date", "dmy", "February first twenty twenty four"),
    ("20240503", "date", "yyyymmdd", "May third twenty twenty four"),
    ("2024-05-03", "date", None, "May third twenty twenty four"),
    ("5/2024", "date", "my", "May twenty twenty four"),
    ("5/3", "date", "md", "May third"),
    ("2:30", "time", "hms12", "two thirty"),
    ("2:30 pm", "time", None, "two thirty P M"),
    ("1'21\"", "time", None, "one minute twenty one seconds"),
    ("(555) 123", "telephone", None, "five five five one two three"),
    ("350 Main St.", "address", None, "three five zero Main St."),
    ("damn", "expletive", None, "bleep"),
    ("$2.50", "currency", None, "two dollars and fifty cents"),
    ("2 EUR", "currency", None, "two euros"),
    ("2.50 USD", "currency", None, "two dollars and fifty cents"),
    ("tomorrow", "date", "mdy", "tomorrow"),
    ("many", "cardinal", None, "many"),
]


@pytest.mark.parametrize(("written", "kind", "form", "words"), SAY_AS)
def test_say_as(written: str, kind: str, form: str | None, words: str) -> None:
    run = Run(written, tuple(range(len(written) + 1)), say_as=SayAs(kind, form))
    assert " ".join(word for token in normalise(run, "en-US") for word in token.spoken) == words


@settings(max_examples=200, deadline=None)
@given(
    st.text(min_size=1, max_size=12) | st.text("0123456789.,:/%$'\" -", min_size=1, max_size=12),
    st.sampled_from(sorted(INTERPRETATIONS)),
    st.sampled_from([None, "dmy", "my", "yyyymmdd", "d"]),
)
def test_say_as_survives_any_text(text: str, kind: str, form: str | None) -> None:
    normalise(Run(text, tuple(range(len(text) + 1)), say_as=SayAs(kind, form if kind == "date" else None)), "en")
