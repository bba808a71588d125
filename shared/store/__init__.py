"""Models in versions, from a folder or from S3, verified before anything opens them: see store.py and serving.py."""

from shared.store.manifest import Manifest, Parameters
from shared.store.serving import Served
from shared.store.store import LocalModel, ModelInfo, ModelStore

__all__ = ["LocalModel", "Manifest", "ModelInfo", "ModelStore", "Parameters", "Served"]
