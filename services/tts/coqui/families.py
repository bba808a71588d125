"""The kinds of Coqui's networks that are known here, and their configurations without what could open more."""

import warnings
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, NamedTuple

from TTS.tts.configs.shared_configs import BaseTTSConfig

from shared.engines import find_engine
from shared.problems import InvalidInput


class Family(NamedTuple):
    """Classes of Coqui's as module:class, and whether the network gives sound, or a spectrogram."""

    config: str
    network: str
    gives_sound: bool = False


_FORWARD: Final = "TTS.tts.models.forward_tts:ForwardTTS"
FAMILIES: Final[Mapping[str, Family]] = {
    "vits": Family("TTS.tts.configs.vits_config:VitsConfig", "TTS.tts.models.vits:Vits", gives_sound=True),
    "glow_tts": Family("TTS.tts.configs.glow_tts_config:GlowTTSConfig", "TTS.tts.models.glow_tts:GlowTTS"),
    "fast_pitch": Family("TTS.tts.configs.fast_pitch_config:FastPitchConfig", _FORWARD),
    "fast_speech": Family("TTS.tts.configs.fast_speech_config:FastSpeechConfig", _FORWARD),
    "fastspeech2": Family("TTS.tts.configs.fastspeech2_config:Fastspeech2Config", _FORWARD),
    "speedy_speech": Family("TTS.tts.configs.speedy_speech_config:SpeedySpeechConfig", _FORWARD),
    "tacotron2": Family("TTS.tts.configs.tacotron2_config:Tacotron2Config", "TTS.tts.models.tacotron2:Tacotron2"),
}
_REFUSED: Final = {
    "use_d_vector_file": "It speaks as a vector of a speaker tells, which nothing here makes.",
    "use_language_embedding": "It speaks several languages, and has to be told which.",
    "use_gst": "It speaks as a recording tells, which nothing here gives it.",
    "use_capacitron_vae": "It speaks as a recording tells, which nothing here gives it.",
}
_USED: Final = frozenset(
    {"model_args", "audio", "characters", "speakers", "use_speaker_embedding", *_REFUSED}
    | {"use_phonemes", "phonemizer", "phoneme_language", "add_blank", "enable_eos_bos_chars", "r"}
)
"""What is read of that which all configurations have; the rest is for training."""
_NAMES_FILES: Final = ("_file", "_path", "_wav_for_test")
"""Ends of the names of settings that would make Coqui open further files, or fetch them."""
_BAD: Final = (TypeError, KeyError, ValueError, AttributeError, AssertionError, UserWarning)


def family_of(told: Mapping[str, Any]) -> Family:
    """Return what kind of network a configuration is of. Raises InvalidInput."""
    name = told.get("model")
    if not isinstance(name, str) or name not in FAMILIES:
        raise InvalidInput(f"Its configuration is of none of the networks that are known: {', '.join(FAMILIES)}.")
    return FAMILIES[name]


def settled(told: Mapping[str, Any]) -> Any:
    """Return Coqui's configuration, without what is for training or names files. Raises InvalidInput."""
    kind: Any = find_engine({"config": family_of(told).config}, "config")
    own = {field.name for field in fields(kind)} - {field.name for field in fields(BaseTTSConfig)}
    used = {name for name in own | _USED if not name.endswith(_NAMES_FILES)}
    config = kind()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Coqui would take a default in place of what it does not understand
            config.from_dict({name: told[name] for name in used if told.get(name) is not None})
        for name, why in _REFUSED.items():
            if config.get(name) or config.model_args.get(name):
                raise InvalidInput(why)
        _without_files(config)
    except _BAD as error:
        raise InvalidInput(f"Its configuration is none that Coqui's {told['model']} has.") from error
    return config


def _without_files(config: Any) -> None:
    for part in (config, config.audio, config.model_args):
        for name in part:
            if name.endswith(_NAMES_FILES) and isinstance(part[name], str | list):
                part[name] = None
    if "init_discriminator" in config.model_args:
        config.model_args.init_discriminator = config.model_args.use_speaker_encoder_as_loss = False
