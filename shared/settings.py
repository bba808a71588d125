"""The settings every service has, and those of commands. Only settings modules read the environment."""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.listed import listed

COMMANDS_FOLDER: Final = Path(__file__).parents[1]
"""Where `./timbre` lies, and what it keeps on this machine."""
ENV_FILE: Final = COMMANDS_FOLDER / ".env"
"""That which `make run` writes; never one of the folder that the user is in, which may name somebody else's Timbre."""


class ServiceSettings(BaseSettings):
    """Base of each service's settings; every field is read from `TIMBRE_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="TIMBRE_", frozen=True, extra="ignore", use_attribute_docstrings=True)

    listen_host: str = "127.0.0.1"
    """Address this process listens on."""
    listen_port: int = Field(default=8000, ge=0, le=65535)
    """Port this process listens on; nginx is the only one that publishes a port."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least level that is logged."""
    shutdown_grace_seconds: int = Field(default=20, ge=1)
    """How long requests in flight may go on after SIGTERM."""
    max_body_bytes: int = Field(default=26_214_400, ge=1024)
    """Largest request body; 25 MiB as OpenAI's upload limit."""
    body_wait_seconds: float = Field(default=30.0, gt=0)
    """Longest wait for the next piece of a request body, after which its sender is taken for dead."""


class ModelSettings(ServiceSettings):
    """Settings of a service that loads a model or runs an engine."""

    models: str = "models"
    """Where models lie: a folder or s3://bucket/prefix."""
    models_cache: str = ".timbre/models"
    """Local folder for verified copies of models that lie in S3."""
    models_poll_seconds: float = Field(default=10.0, gt=0)
    """How often the store is asked whether another version is in use."""
    noncommercial_models: bool = True
    """Whether models are opened whose licence allows no commercial use; their manifests say so."""
    slots: int = Field(default=2, ge=1, le=256)
    """Pieces of work an engine does at once."""
    queue: int = Field(default=32, ge=0)
    """Pieces of work that may wait for a slot; more are answered with 429."""
    queue_wait_seconds: float = Field(default=30.0, gt=0)
    """Longest wait for a slot before the answer is 429."""


class CommandSettings(BaseSettings):
    """Base of the settings of commands; every field is read from `TIMBRE_<FIELD>`, in the environment or in .env beside
    the commands."""

    model_config = SettingsConfigDict(
        env_prefix="TIMBRE_",
        env_file=ENV_FILE,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )


def beside_commands(location: str) -> str:
    """Return a path as seen from where the commands lie, whichever folder they run in; an address stays as it is."""
    return location if "://" in location else str(COMMANDS_FOLDER / location)


def names_in(default: str, further: str) -> tuple[str, ...]:
    """Return the default, and what a list with commas between has beside it, in order, each once."""
    return tuple(dict.fromkeys((default.strip(), *listed(further))))


def faults_in(error: ValidationError) -> list[str]:
    """Return what is wrong with settings, each by the name of its variable, without the value."""
    return [f"TIMBRE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
