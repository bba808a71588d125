"""How sound says that no person spoke it, and which models did: as headers, and inside of files."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

SYNTHETIC_HEADER: Final = "X-Timbre-Synthetic"
MODEL_HEADER: Final = "X-Timbre-Model"
_MOST_MODELS: Final = 32
"""More would not fit into a header that passes common proxies."""
DESCRIBED: Final[dict[str, Any]] = {
    SYNTHETIC_HEADER: {"schema": {"type": "string"}, "description": "`true`: no person spoke this."},
    MODEL_HEADER: {
        "schema": {"type": "string"},
        "description": f"What spoke it, with commas between: `alice/3, flite/slt`; {_MOST_MODELS} at most.",
    },
}
"""The headers in an OpenAPI document."""


def provenance_headers(models: Iterable[str]) -> dict[str, str]:
    """Return what an answer says of sound that models (`alice/3`, or an engine's voice as `flite/slt`) have spoken."""
    return {SYNTHETIC_HEADER: "true", MODEL_HEADER: _names(models)}


def models_in(headers: Mapping[str, str]) -> list[str]:
    """Return the models that an answer's headers name."""
    return [name for name in headers.get(MODEL_HEADER, "").split(", ") if name]


def file_comment(models: Iterable[str]) -> str:
    """Return the comment that a file with such sound carries, for people and programs: the models stand at its end."""
    return f"Synthetic speech, made by Timbre with: {_names(models)}"


def _names(models: Iterable[str]) -> str:
    return ", ".join(islice(dict.fromkeys(models), _MOST_MODELS))
