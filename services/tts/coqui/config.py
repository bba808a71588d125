"""What a folder says of the model in it, read without torch: Coqui's config.json, and timbre.json of whoever has it."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.tts.speech import Gender
from shared.problems import InvalidInput
from shared.store.manifest import PublicConsent, Text, summary

CONFIG: Final = "config.json"
ABOUT: Final = "timbre.json"
_MOST_CONFIG_BYTES: Final = 1 << 22


class About(BaseModel):
    """What no configuration of Coqui's tells."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)

    licence: Text | None = None
    """Of the weights; None: nobody has said."""
    noncommercial: bool | None = None
    """Whether it allows no commercial use; None: only where there is no licence."""
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$")
    """That it speaks; None: that of its sounds, else English."""
    gender: Gender = "neutral"
    display_name: Text | None = None
    consent: PublicConsent | None = None
    """Of whose voice it is."""


def read_config(folder: Path) -> dict[str, Any]:
    """Return a model's configuration as it stands there. Raises InvalidInput."""
    try:
        with (folder / CONFIG).open("rb") as file:
            told = json.loads(file.read(_MOST_CONFIG_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"There is no {CONFIG} in the folder that can be read.") from error
    if not isinstance(told, dict):
        raise InvalidInput(f"There is no {CONFIG} in the folder that can be read.")
    return told


def read_about(folder: Path) -> About:
    """Return what its owner says; nothing where there is no such file. Raises InvalidInput."""
    try:
        with (folder / ABOUT).open("rb") as file:
            return About.model_validate_json(file.read(_MOST_CONFIG_BYTES))
    except FileNotFoundError:
        return About()
    except OSError as error:
        raise InvalidInput(f"{ABOUT} cannot be read.") from error
    except ValidationError as error:
        raise InvalidInput(f"{ABOUT} is wrong: {summary(error)}") from error
