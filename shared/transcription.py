"""What may be asked of whoever writes down speech, by a call, a job and for a whole bucket alike."""

from typing import Annotated, Literal

from pydantic import Field

Task = Literal["transcribe", "translate"]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$", max_length=35)]
Keyword = Annotated[str, Field(min_length=1, max_length=200)]
MOST_KEYWORDS = 100
WITHOUT_SPACES = frozenset(("zh", "yue", "ja", "th", "lo", "km", "my"))
"""Languages that write no spaces between words, so none between sentences either."""
LANGUAGE_HEADER = "X-Timbre-Language"
"""Of an answer that is whole: the ISO 639-1 code of its text, where anybody could tell."""
Prompt = Annotated[str, Field(max_length=8_192)]
Temperature = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
