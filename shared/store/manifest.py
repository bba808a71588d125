"""What a model's manifest.json says."""

from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.problems import Json, ModelCorrupt
from shared.store.names import FILE_PATTERN, MANIFEST, NAME_PATTERN, POINTER

MAX_MANIFEST_BYTES = 1 << 20
UNSAFE_SUFFIXES = frozenset({".h5", ".hdf5", ".keras", ".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".dill"})
"""Formats that run code when they are opened; they are converted once, in training, and never served."""

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
FileName = Annotated[str, Field(pattern=FILE_PATTERN)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FileEntry(_Strict):
    """The fingerprint of one file."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=0)]


class PublicConsent(_Strict):
    """Why a voice may be used, as everybody may know it."""

    speaker: Text
    """Who speaks."""
    basis: Text
    """On what ground."""
    given_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    """The day, as 2026-01-31."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Consent(PublicConsent):
    """Why a voice may be used, and, for those who keep the model, where the record of it is."""

    record: Text | None = None


class VoiceStyle(_Strict):
    """One way of speaking that this model has; `emotion` None is the voice's usual way.

    `style` (a name) or `speaker` (an index) tells the engine how to ask its model for it.
    """

    voice: Name
    emotion: Name | None = None
    style: Text | None = None
    speaker: Annotated[int, Field(ge=0)] | None = None


class TrainingData(_Strict):
    """A set of recordings, texts or weights that went into a model, and for what."""

    name: Text
    licence: Text
    source: Text
    use: Text | None = None


class Manifest(_Strict):
    """All that is known of one version of a model. Unknown members are refused; `parameters` is free.

    `files` holds every file but this manifest and documents (*.md), named relative to the version's folder.
    `metrics` holds what was measured, `parameters` what the engine wants to know.
    """

    name: Name
    version: Name
    task: Name
    engine: Name
    files: Annotated[dict[FileName, FileEntry], Field(min_length=1)]
    licence: Text
    noncommercial: bool = False
    """Whether the licence, or that of what the model learned from, allows no commercial use."""
    labels: dict[Name, list[Text]] = {}
    """For each output of a classifier, its labels in order."""
    sample_rate_hz: Annotated[int, Field(gt=0)] | None = None
    languages: list[Text] = []
    training_data: list[TrainingData] = []
    created: Text | None = None
    metrics: dict[str, Json] = {}
    parameters: dict[str, Json] = {}
    voices: list[VoiceStyle] = []
    consent: Consent | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        refused = [name for name in self.files if not _may_be_listed(name)]
        if refused:
            raise ValueError(f"files that a model may not have: {', '.join(refused)}")
        if len({name.casefold() for name in self.files}) < len(self.files):
            raise ValueError("two files have the same name but for capitals")
        if self.version in {POINTER, MANIFEST}:
            raise ValueError("this version's name is taken by the store's own files")
        if self.voices and self.consent is None:
            raise ValueError("a voice needs a record of its speaker's consent")
        return self


class Parameters(_Strict):
    """Base of what an engine takes from the `parameters` of its model's manifest."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Check a manifest's parameters. Raises ModelCorrupt."""
        try:
            return cls.model_validate(manifest.parameters)
        except ValidationError as error:
            raise ModelCorrupt(f"The manifest of model {manifest.name} has no usable parameters.") from error


def parse_manifest(data: bytes, name: str, version: str) -> Manifest:
    """Read manifest.json as found under NAME/VERSION; raises ModelCorrupt."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise ModelCorrupt(f"The manifest of model {name} {version} is wrong: {summary(error)}") from error
    if (manifest.name, manifest.version) != (name, version):
        raise ModelCorrupt(f"The manifest of model {name} {version} belongs to another model or version.")
    return manifest


def dump_manifest(manifest: Manifest) -> bytes:
    """Write manifest.json for people and programs."""
    return manifest.model_dump_json(indent=2, exclude_defaults=True).encode() + b"\n"


def _may_be_listed(file_name: str) -> bool:
    path = PurePosixPath(file_name)
    return path.suffix.lower() not in UNSAFE_SUFFIXES and file_name != MANIFEST


def summary(error: ValidationError) -> str:
    """Say what is wrong first, without the input: a manifest may be anything, and problems go to callers."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'it'}: {first['msg']}"[:300]
