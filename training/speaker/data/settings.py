"""Where `timbre dataset` keeps what it knows."""

from pathlib import Path

from shared.settings import COMMANDS_FOLDER, CommandSettings, beside_commands


class DatasetSettings(CommandSettings):
    """Folders lie beside the commands."""

    dataset_catalogue: str = ".timbre/dataset/catalogue.sqlite"
    """Where the metadata of clips is kept: a SQLite file, or dynamodb://table."""
    dataset_cache: Path = Path(".timbre/dataset/clips")
    """Folder for copies of clips that lie in a bucket."""

    @property
    def catalogue(self) -> str:
        """The catalogue."""
        return beside_commands(self.dataset_catalogue)

    @property
    def cache(self) -> Path:
        """Where copies of clips are kept."""
        return COMMANDS_FOLDER / self.dataset_cache

    @property
    def records(self) -> Path:
        """Where it is written down who is in which split, if the catalogue is no file."""
        return self.cache.parent
