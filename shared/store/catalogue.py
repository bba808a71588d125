"""Models that others publish: where each lies, under which licence, and what its files' sha256 are."""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.problems import InvalidInput, Json, NotFound
from shared.store.manifest import FileName, Name, Text, summary

CATALOGUE = Path(__file__).with_name("catalogue.toml")
MAX_MODEL_BYTES = 16 << 30
"""Bound of what no size is known of."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CatalogueFile(_Strict):
    """One file to be had. A `sha256` of None is not known: nobody can tell then whether what comes is right."""

    size_bytes: Annotated[int, Field(gt=0, le=MAX_MODEL_BYTES)] | None = None
    sha256: Sha256 | None = None


class CatalogueModel(_Strict):
    """One version of a model. Each of its files lies at `address` with the file's name behind it.

    An archive's only file is a zip or tar.gz, which holds the model's.
    """

    name: Name
    version: Name
    task: Name
    engine: Name
    licence: Text
    source: Text
    """A page for people, which says more about the model."""
    address: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+/$")]
    files: Annotated[dict[FileName, CatalogueFile], Field(min_length=1)]
    is_archive: bool = False
    languages: list[Text] = []
    """ISO 639-1 codes; empty: many."""
    sample_rate_hz: Annotated[int, Field(gt=0)] | None = None
    parameters: dict[str, Json] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.is_archive and len(self.files) > 1:
            raise ValueError("an archive is one file")
        return self

    @property
    def size_bytes(self) -> int | None:
        """Of all that is fetched, if it is known."""
        sizes = [file.size_bytes for file in self.files.values()]
        return None if None in sizes else sum(size for size in sizes if size)

    def facts(self) -> dict[str, Json]:
        """Return the manifest of this model without its files."""
        facts = self.model_dump(
            include={"task", "engine", "licence", "languages", "sample_rate_hz", "parameters"}, exclude_defaults=True
        )
        weights: dict[str, Json] = {"name": self.name, "licence": self.licence, "source": self.source, "use": "weights"}
        return {**facts, "training_data": [weights]}


class Catalogue(_Strict):
    """All models that can be pulled."""

    models: list[CatalogueModel]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({model.name for model in self.models}) < len(self.models):
            raise ValueError("two models have the same name")
        return self

    def find(self, name: str) -> CatalogueModel:
        """Return a model by its name; raises NotFound."""
        for model in self.models:
            if model.name == name:
                return model
        raise NotFound(f"The catalogue has no model {name[:80]!a}; it has {', '.join(m.name for m in self.models)}.")


def read_catalogue(path: Path = CATALOGUE) -> Catalogue:
    """Read a catalogue; raises InvalidInput."""
    try:
        return Catalogue.model_validate(tomllib.loads(path.read_text()))
    except ValidationError as error:
        raise InvalidInput(f"The catalogue is wrong: {summary(error)}") from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"The catalogue cannot be read: {error}") from error
