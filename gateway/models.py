"""The calls that say which models there are."""

import asyncio
import logging
from collections.abc import Iterator

from fastapi import APIRouter

from gateway.dependencies import ModelCacheDependency, StoreDependency, VoicesIfUpDependency
from gateway.schemas import SPEECH_MODEL, AudioModel, AudioModelList, Model, ModelList
from gateway.voices import Voices
from shared.openapi import PROBLEMS
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import Manifest, ModelStore

_log = logging.getLogger("timbre.models")

router = APIRouter(tags=["models"], responses=PROBLEMS)


@router.get("/v1/models")
async def models(store: StoreDependency, cached: ModelCacheDependency, voices: VoicesIfUpDependency) -> ModelList:
    """List what is served just now: the speech model with its voices, then the models of the store."""
    stored = await cached.get(lambda: asyncio.to_thread(lambda: list(_stored(store))))
    return ModelList(data=[*_speech(voices), *stored])


@router.get("/v1/models/{model_id}")
async def model(
    model_id: str, store: StoreDependency, cached: ModelCacheDependency, voices: VoicesIfUpDependency
) -> Model:
    """Return one model of the list."""
    for one in (await models(store, cached, voices)).data:
        if one.id == model_id:
            return one
    raise ModelNotFound("No model of that name. GET /v1/models lists what there is.", param="model")


@router.get("/v1/audio/models")
async def audio_models() -> AudioModelList:
    """List the speech models, in the shape Open WebUI reads."""
    return AudioModelList(models=[AudioModel(id=SPEECH_MODEL, name="Timbre")])


def _speech(voices: Voices) -> Iterator[Model]:
    """Yield the speech model, if there is a voice to speak with."""
    if voices.all:
        yield Model(
            id=SPEECH_MODEL,
            created=0,
            owned_by="timbre",
            task="speech",
            languages=sorted({voice.language for voice in voices.all}),
            voices=[voice.id for voice in voices.all],
        )


def _stored(store: ModelStore) -> Iterator[Model]:
    """Yield the store's models in the versions in use. One that is broken is left out, and the log says so."""
    for info in store.list():
        try:
            yield _described(store.manifest(info.name, info.current))
        except (ModelCorrupt, ModelNotFound):
            _log.error("model %s has no readable manifest", info.name)


def _described(manifest: Manifest) -> Model:
    return Model(
        id=manifest.name,
        created=0,
        owned_by=manifest.engine,
        task=manifest.task,
        version=manifest.version,
        languages=manifest.languages,
        licence=manifest.licence,
    )
