"""How sound says that no person spoke it, and which models did: as headers, and inside of files."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

SYNTHETIC_HEADER: Final = "X-Timbre-Synthetic"
MODEL_HEADER: Final = "X-Timbre-Model"
_MOST_MODELS: Final = 32
"""More would not fit into a header that passes common proxies."""


def model_names(models: Iterable[str]) -> str:
    """Return models (`alice/3`, or an engine's voice as `flite/slt`) as one value, each once, the first 32 of them."""
    return ", ".join(islice(dict.fromkeys(models), _MOST_MODELS))


def provenance_headers(models: str) -> dict[str, str]:
    """Return what an answer says of sound by `models`, as `model_names` gives them."""
    return {SYNTHETIC_HEADER: "true", MODEL_HEADER: models}


def models_said(headers: Mapping[str, str]) -> str:
    """Return the models that an answer's headers name; empty where they name none."""
    return headers.get(MODEL_HEADER, "")


def file_comment(models: str) -> str:
    """Return the comment that a file with such sound carries, for people and programs: the models stand at its end."""
    return f"Synthetic speech, made by Timbre with: {models}"
