"""Coqui's layout of symbols as a front end: blanks first, then what starts and ends the whole."""

from typing import Any, Final

from pydantic import ValidationError
from TTS.tts.models.vits import VitsCharacters
from TTS.tts.utils.text.characters import BaseCharacters, Graphemes, IPAPhonemes

from services.tts.front_end import FrontEnd
from services.tts.parameters import Inference, VoiceParameters
from shared.problems import InvalidInput
from shared.store.manifest import summary

_CHARACTERS: Final[dict[str, type[BaseCharacters]]] = {
    "TTS.tts.models.vits.VitsCharacters": VitsCharacters,
    "TTS.tts.utils.text.characters.Graphemes": Graphemes,
    "TTS.tts.utils.text.characters.IPAPhonemes": IPAPhonemes,
}


def characters_of(config: Any) -> Any:
    """Return Coqui's table of symbols. Raises InvalidInput."""
    told = config.characters
    name = str(told.characters_class) if told is not None and told.characters_class else ""
    if told is not None and name and name not in _CHARACTERS:
        raise InvalidInput(f"Its symbols are made by {name[:80]!a}, which is none of Coqui's own three ways.")
    kind = _CHARACTERS[name] if name else (IPAPhonemes if config.use_phonemes else Graphemes)
    try:
        return kind.init_from_config(config)[0]
    except (TypeError, KeyError, AttributeError, AssertionError) as error:
        raise InvalidInput("Its table of symbols cannot be read.") from error


def parameters_of(config: Any, characters: Any) -> VoiceParameters:
    """Return how a network is asked. Raises InvalidInput."""
    inner = config.model_args
    frames_hz = inner.get("encoder_sample_rate") or config.audio.sample_rate
    usual = Inference()
    try:
        return VoiceParameters(
            front_end=_front_end(config, characters),
            hop_seconds=config.audio.hop_length / frames_hz,
            inference=Inference(
                noise_scale=_number(config, "inference_noise_scale", usual.noise_scale),
                length_scale=_number(config, "length_scale", usual.length_scale),
                noise_w=_number(config, "inference_noise_scale_dp", usual.noise_w),
            ),
        )
    except (ValidationError, TypeError, ZeroDivisionError) as error:
        reason = summary(error) if isinstance(error, ValidationError) else "numbers are missing"
        raise InvalidInput(f"Its configuration cannot be used here: {reason}.") from error


def _number(config: Any, name: str, usual: float) -> float:
    told = config.model_args.get(name, config.get(name, None))
    return usual if told is None else float(told)


def _front_end(config: Any, characters: Any) -> FrontEnd:
    if config.add_blank and not characters.blank:
        raise InvalidInput("Its symbols are parted by a blank, and it names none.")
    has_frame = bool(config.enable_eos_bos_chars)
    return FrontEnd(
        phonemizer=_phonemizer(config),
        language=(config.phoneme_language or "en-us").lower(),
        symbols={symbol: [id] for id, symbol in enumerate(characters.vocab)},
        blank=characters.blank if config.add_blank else None,
        blank_ends=bool(config.add_blank and not has_frame),
        start=characters.bos if has_frame else None,
        end=characters.eos if has_frame else None,
    )


def _phonemizer(config: Any) -> Any:
    if not config.use_phonemes:
        return "characters"
    if config.phonemizer != "espeak":
        name = str(config.phonemizer)[:40]
        raise InvalidInput(f"Its sounds are told by {name}; only those of espeak-ng, and letters, are known here.")
    return "espeak"
