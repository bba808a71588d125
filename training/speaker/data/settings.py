"""Where `timbre dataset` keeps what it knows."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).parents[3]


class DatasetSettings(BaseSettings):
    """Read from `TIMBRE_<FIELD>`, in the environment or in .env beside the commands; folders lie beside them too."""

    model_config = SettingsConfigDict(
        env_prefix="TIMBRE_",
        env_file=_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    dataset_catalogue: str = ".timbre/dataset/catalogue.sqlite"
    """Where the metadata of clips is kept: a SQLite file, or dynamodb://table."""
    dataset_cache: Path = Path(".timbre/dataset/clips")
    """Folder for copies of clips that lie in a bucket."""

    @property
    def catalogue(self) -> str:
        """The catalogue."""
        return self.dataset_catalogue if "://" in self.dataset_catalogue else str(_ROOT / self.dataset_catalogue)

    @property
    def cache(self) -> Path:
        """Where copies of clips are kept."""
        return _ROOT / self.dataset_cache

    @property
    def records(self) -> Path:
        """Where it is written down who is in which split, if the catalogue is no file."""
        return self.cache.parent
