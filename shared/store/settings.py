"""Where the models are that `python -m shared.store` and `./timbre models` look after."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).parents[2]


class StoreSettings(BaseSettings):
    """Read from `TIMBRE_<FIELD>`, in the environment or in .env beside the commands; folders lie beside them too."""

    model_config = SettingsConfigDict(
        env_prefix="TIMBRE_",
        env_file=_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    models: str = "models"
    """Where models lie: a folder or s3://bucket/prefix."""
    downloads: Path = Path(".timbre/downloads")
    """Folder for models that are on their way into the store; a download that broke off goes on there."""

    @property
    def location(self) -> str:
        """The store of models."""
        return self.models if "://" in self.models else str(_ROOT / self.models)

    @property
    def downloads_folder(self) -> Path:
        """Where downloads are kept."""
        return _ROOT / self.downloads
