"""Where the models are that `python -m shared.store` and `./timbre models` look after."""

from pathlib import Path

from shared.settings import COMMANDS_FOLDER, CommandSettings, beside_commands


class StoreSettings(CommandSettings):
    """Folders lie beside the commands."""

    models: str = "models"
    """Where models lie: a folder or s3://bucket/prefix."""
    downloads: Path = Path(".timbre/downloads")
    """Folder for models that are on their way into the store; a download that broke off goes on there."""

    @property
    def location(self) -> str:
        """The store of models."""
        return beside_commands(self.models)

    @property
    def downloads_folder(self) -> Path:
        """Where downloads are kept."""
        return COMMANDS_FOLDER / self.downloads
