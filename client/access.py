"""Which Timbre a command line calls, and with whose key."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from client.timbre import Timbre

ENV_FILE = Path(__file__).parents[1] / ".env"
"""That which `make run` writes; never one of the folder that the user is in, which may name somebody else's Timbre."""


class Access(BaseSettings):
    """Read from `TIMBRE_<FIELD>`, in the environment or in .env beside the command."""

    model_config = SettingsConfigDict(
        env_prefix="TIMBRE_",
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    url: str = Field(default="", pattern="^(https?://.+)?$")
    """Public address of the Timbre to call. Empty: `TIMBRE_PORT` of this machine."""
    port: int = Field(default=8080, ge=1, le=65535)
    """Port that `make run` and docker compose publish."""
    api_key: SecretStr
    """The key to call with."""

    @property
    def timbre(self) -> Timbre:
        """The Timbre to call."""
        return Timbre(self.url.rstrip("/") or f"http://localhost:{self.port}", self.api_key.get_secret_value())
