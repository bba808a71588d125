"""Models of voices that are open, and the voices that they make together: each speaks by itself what it was taught."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.tts.network import NETWORKS, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import Speaks, VoiceInfo
from shared.engines import find_engine
from shared.problems import ModelCorrupt
from shared.store import LocalModel, Manifest
from shared.store.manifest import VoiceStyle
from shared.text.document import EMOTIONS

_USUAL = "neutral"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class VoiceModel:
    """A model that is open. There is nothing to close: its network goes with the last sentence that holds it."""

    manifest: Manifest
    parameters: VoiceParameters
    network: VoiceNetwork

    @property
    def version(self) -> str:
        """Name and version."""
        return f"{self.manifest.name}/{self.manifest.version}"


def open_model(threads: int, model: LocalModel) -> VoiceModel:
    """Open a model by the engine that its manifest names, which has it speak. Raises ModelCorrupt."""
    manifest = model.manifest
    if not manifest.voices:
        raise ModelCorrupt(f"Model {manifest.name} has no voice to speak with.")
    try:
        kind: Any = find_engine(NETWORKS, manifest.engine)
    except LookupError as error:
        raise ModelCorrupt(f"Model {manifest.name} is for an engine that this service does not have.") from error
    return VoiceModel(manifest, VoiceParameters.of(manifest), kind(model=model, threads=threads))


Spoken = Callable[[VoiceModel, VoiceStyle], Speaks]
_Styles = dict[str, tuple[VoiceModel, VoiceStyle]]


def voices_of(models: Iterable[VoiceModel], spoken: Spoken) -> tuple[VoiceInfo, ...]:
    """Return the voices of `models`, each of which `spoken` gives what speaks it.

    A voice may come from several models, as one for each emotion. Of two that speak the same the first has it; a voice
    whose usual way no model speaks is none. The log says what was left out.
    """
    found: dict[str, _Styles] = {}
    for model in models:
        for style in model.manifest.voices:
            _add(found.setdefault(style.voice, {}), model, style)
    return tuple(_voice(styles, spoken) for voice, styles in found.items() if _is_whole(voice, styles))


def _add(styles: _Styles, model: VoiceModel, style: VoiceStyle) -> None:
    emotion = style.emotion or _USUAL
    told = {"voice": style.voice, "emotion": emotion, "model": model.version}
    if emotion not in EMOTIONS:
        _log.error("style left out: no such emotion can be asked for", extra=told)
    elif emotion in styles:
        _log.error("style left out: another model speaks it", extra=told)
    else:
        styles[emotion] = model, style


def _is_whole(voice: str, styles: Mapping[str, object]) -> bool:
    if _USUAL not in styles:
        _log.error("voice left out: no model speaks its usual way", extra={"voice": voice})
    return _USUAL in styles


def _voice(styles: _Styles, spoken: Spoken) -> VoiceInfo:
    usual = _speaking(*styles[_USUAL], spoken)
    trained = {
        emotion: replace(_speaking(model, style, spoken), emotion=emotion)
        for emotion, (model, style) in styles.items()
        if emotion != _USUAL
    }
    return replace(
        usual,
        trained=trained,
        licence=" AND ".join(dict.fromkeys(one.licence for one in (usual, *trained.values()))),
        noncommercial=any(one.noncommercial for one in (usual, *trained.values())),
    )


def _speaking(model: VoiceModel, style: VoiceStyle, spoken: Spoken) -> VoiceInfo:
    manifest, parameters = model.manifest, model.parameters
    return VoiceInfo(
        id=style.voice,
        name=parameters.display_name or style.voice,
        language=next(iter(manifest.languages), parameters.front_end.language).lower(),
        gender=parameters.gender,
        engine="trained",
        sample_rate_hz=model.network.sample_rate_hz,
        licence=manifest.licence,
        changes=model.network.changes,
        tells_visemes=parameters.front_end.phonemizer == "espeak",
        noncommercial=manifest.noncommercial,
        consent=manifest.consent,
        version=model.version,
        spoken_by=spoken(model, style),
    )
