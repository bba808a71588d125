"""The voices in a store."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir

from services.tts.network import TASK
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import ModelStore
from shared.store.manifest import Manifest
from shared.store.settings import StoreSettings
from shared.store.store import ModelInfo


def add_store_option(parser: ArgumentParser) -> None:
    """Let a parser take where the voices are."""
    default = StoreSettings().location
    parser.add_argument("--location", default=default, help="folder or s3://bucket/prefix (default: %(default)s)")


def opened(location: str) -> ModelStore:
    """Return a store of which only manifests are read."""
    return ModelStore(location, Path(gettempdir()))


def voices_of(store: ModelStore) -> Iterator[tuple[ModelInfo, Manifest]]:
    """Yield each voice, and the manifest of its version in use; what cannot be read is left out."""
    for model in store.list():
        try:
            manifest = store.manifest(model.name)
        except (ModelCorrupt, ModelNotFound):
            continue
        if manifest.task == TASK:
            yield model, manifest


def emotions_of(manifest: Manifest) -> Sequence[str]:
    """Return the emotions in which a voice was trained."""
    return [style.emotion for style in manifest.voices if style.emotion]
