"""Which Timbre a command line calls, and with whose key."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from client.timbre import Timbre
from shared.settings import CommandSettings


class Access(CommandSettings):
    """Which Timbre, and with which key."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # a key must not stand in an error message

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
