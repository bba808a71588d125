"""What a training job made becomes a version in the model store, as the Lambda `jobs.register_model:handler`."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.register_settings import RegisterSettings
from jobs.sagemaker_events import Ended, completed, key_below
from shared.objects import open_objects
from shared.problems import AlreadyExists, InvalidInput, Json, ModelNotFound, Problem
from shared.store import LocalModel, ModelStore
from shared.store.unpack import unpack
from shared.store.verify import regular_files

_log = logging.getLogger("timbre.register")


class NotRegistered(Exception):
    """Why no model was registered. Lambda logs this text, so it has no word of what lies in the artifact."""


def handler(event: Json, context: object) -> dict[str, Json]:
    """Register what a completed job of SageMaker's made, as Lambda calls it; of other jobs there is nothing to do.

    EventBridge may deliver an event several times: what is registered already is left alone. Raises NotRegistered.
    """
    job = None
    try:
        job = completed(event)
        done = register(job, RegisterSettings()) if job else {}  # type: ignore[call-arg]  # pydantic reads the environment
    except Problem as problem:
        told = {"job": job.job if job else "", "problem": problem.slug}
        _log.error("nothing registered", extra=told)
        raise NotRegistered(f"{problem.title} ({problem.slug}).") from None
    _log.info("registered" if job else "no completed job", extra=done)
    return done


def register(job: Ended, settings: RegisterSettings) -> dict[str, Json]:
    """Publish the models of a job, of which all are verified before the first is seen; return which are new.

    Raises InvalidInput for an artifact that lies elsewhere or is no archive of models, ModelCorrupt, NotFound,
    TooLarge, StorageFull, Unavailable, and AlreadyExists where the store has another model of that version.
    """
    key = key_below(settings.training_output, job.artifact)
    with TemporaryDirectory(prefix="timbre-register-") as scratch:
        archive, files = Path(scratch, "artifact"), Path(scratch, "files")
        files.mkdir()
        most_bytes = settings.training_most_bytes
        open_objects(settings.training_output).download_to(key, archive, limit_bytes=most_bytes)
        unpack(archive, files, most_bytes)
        store = ModelStore(settings.models, Path(scratch, "cache"))
        news = {_title(model): _is_published(store, model) for model in _models(files)}
    return {
        "job": job.job,
        "registered": [title for title, is_new in news.items() if is_new],
        "there already": [title for title, is_new in news.items() if not is_new],
    }


def _models(files: Path) -> tuple[LocalModel, ...]:
    """Return the models, NAME/VERSION each; raises InvalidInput for files beside them, and where there is none."""
    models = ModelStore(str(files), files).fetch_all()
    if not models:
        raise InvalidInput("The artifact holds no NAME/VERSION with a manifest.json.")
    folders = {f"{model.manifest.name}/{model.manifest.version}/" for model in models}
    if any(not name.startswith(tuple(folders)) for name in regular_files(files)):
        raise InvalidInput("The artifact holds files that belong to no model.")
    return models


def _is_published(store: ModelStore, model: LocalModel) -> bool:
    """Publish a model; return False if the very same is there already. Raises AlreadyExists for another one."""
    try:
        store.publish(model.path, model.manifest.name, model.manifest.version)
    except AlreadyExists:
        if not _is_there(store, model):
            raise
        return False
    return True


def _is_there(store: ModelStore, model: LocalModel) -> bool:
    try:
        return store.manifest(model.manifest.name, model.manifest.version) == model.manifest
    except ModelNotFound:  # what is there was never completed
        return False


def _title(model: LocalModel) -> str:
    return f"{model.manifest.name} {model.manifest.version}"
