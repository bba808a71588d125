"""What `make run` reads from the environment and from .env; the environment wins."""

import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
ENV_FILE = Path(".env")
API_KEY = "TIMBRE_API_KEY"


class LocalSettings(BaseSettings):
    """Every field is read from `TIMBRE_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix="TIMBRE_", env_file=ENV_FILE, frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address that callers reach; 0.0.0.0 opens Timbre to the network (name a certificate then)."""
    port: int = Field(default=8080, ge=1, le=65535)
    """Port that callers reach."""
    tls_certificate: Path | None = None
    """PEM file; with it, and TIMBRE_TLS_KEY, Timbre answers https instead of http."""
    api_key: SecretStr | None = None
    """The key that `make run` made, or one of your own."""
    keys: Path = Path(".timbre/keys.json")
    """File of API keys, hashed."""
    database: str = ".timbre/jobs.sqlite"
    """Where jobs are kept: a SQLite file or postgresql://..."""
    data: str = ".timbre/data"
    """Where jobs store texts and sound: a folder or s3://bucket/prefix."""
    batch_locations: str = ""
    """Buckets and folders whose recordings jobs may write down, with commas between them."""
    voice_training_locations: str = ""
    """Buckets and folders of whose recordings jobs may train voices, with commas between them."""
    media_locations: str = ""
    """Buckets and folders whose recordings and texts single jobs may read, with commas between them."""
    output_locations: str = ""
    """Buckets and folders into which jobs may write, with commas between them."""
    voice_training_python: str = ""
    """Python of an environment with the packages of training/voices, in which such jobs are done; empty: none are."""
    speaker_engine: str = "onnx"
    """Engine of the speaker service; empty: that service is not started, and NGINX and gateway say so to who asks."""
    speaker_queue: str = ""
    """Address of an SQS queue of recordings; with it the worker behind it is started too."""
    start_seconds: float = Field(default=180.0, gt=0)
    """How long the services may take until they are ready."""


def absolute(location: str) -> str:
    """Return a path as seen from this folder, whichever folder the processes run in; an address stays as it is."""
    return location if "://" in location else str(Path(location).absolute())


def inherited_environment() -> dict[str, str]:
    """Return what every process gets: .env and the environment, without the key, which none of them needs."""
    written = {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
    return {name: value for name, value in {**written, **os.environ}.items() if name != API_KEY}
