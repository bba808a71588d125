"""The calls that say which models there are."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.dependencies import ModelCacheDependency, StoreDependency, STTDependency, VoicesIfUpDependency
from gateway.schemas import SPEECH_MODEL, AudioModel, AudioModelList, Model, ModelList
from gateway.transcription import opened_models, with_opened
from gateway.upstream import Service
from gateway.voices import Voices
from shared.openai_names import SPEECH_MODELS, TRANSCRIPTION_MODELS
from shared.openapi import PROBLEMS
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import Manifest, ModelStore

_OPENAI_NAMES = {"speech": SPEECH_MODELS, "speech-to-text": TRANSCRIPTION_MODELS}
"""By the task, of whose models the first in the list is the default."""

_log = logging.getLogger("timbre.models")

router = APIRouter(tags=["models"], responses=PROBLEMS)


async def served(
    store: StoreDependency, cached: ModelCacheDependency, voices: VoicesIfUpDependency, stt: STTDependency
) -> list[Model]:
    """Return what is served just now: the model that speaks with its voices, those that write down speech, the rest."""
    return [*_speech(voices), *await cached.get(lambda: _others(store, stt))]


ServedDependency = Annotated[list[Model], Depends(served)]


@router.get("/v1/models")
async def models(served: ServedDependency) -> ModelList:
    """List what is served just now."""
    return ModelList(data=served)


@router.get("/v1/models/{model_id}")
async def model(model_id: str, served: ServedDependency) -> Model:
    """Return one model of the list; for one of OpenAI's names, the model that it means."""
    for one in served:
        if one.id == model_id or model_id in _OPENAI_NAMES.get(one.task, ()):
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


async def _others(store: ModelStore, stt: Service | None) -> list[Model]:
    opened = await opened_models(stt) if stt else []
    stored = await asyncio.to_thread(lambda: list(_stored(store)))
    return list(with_opened(stored, opened))


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
        noncommercial=manifest.noncommercial,
        voices=list(dict.fromkeys(style.voice for style in manifest.voices)),
        consent=manifest.consent,
    )
