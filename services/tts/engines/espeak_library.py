"""ctypes bindings to libespeak-ng: synthesis into memory with word events. For the child only."""

import ctypes
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_short, c_ubyte, c_uint, c_void_p
from dataclasses import dataclass, field
from typing import Any

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_DONT_EXIT, _PHONEME_EVENTS, _IN_IPA = 0x8000, 0x1, 0x2
_PARAMETERS = {"rate": 1, "pitch": 3, "range": 4}
_CHARS_UTF8, _PHONEMES = 1, 0x100
_IPA = 2
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7
_GENDERS = {1: "male", 2: "female"}


class _EventId(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position_ms", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", c_void_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("xx1", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Spoken:
    """16-bit samples, and events: words by their position in the text, IPA of up to 8 bytes ("" for a pause)."""

    samples: bytearray = field(default_factory=bytearray)
    words: list[tuple[int, float]] = field(default_factory=list)
    sounds: list[tuple[str, float]] = field(default_factory=list)


class EspeakLibrary:
    """The library with its data loaded."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libespeak-ng.so.1")
        self._lib.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        self._lib.espeak_TextToPhonemes.restype = c_char_p
        options = _DONT_EXIT | _PHONEME_EVENTS | _IN_IPA
        self.sample_rate_hz: int = self._lib.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 500, None, options)
        if self.sample_rate_hz <= 0:
            raise RuntimeError("espeak-ng's data is missing")
        self._spoken = Spoken()
        self._callback = _Callback(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)

    def voices(self) -> Iterator[dict[str, str]]:
        """Yield name, language, gender and identifier of each voice, the best of a language first."""
        listed, index = self._lib.espeak_ListVoices(None), 0
        while listed[index]:
            voice = listed[index].contents
            language = ctypes.string_at(voice.languages + 1).decode()  # a priority byte, then the tag
            yield {
                "name": voice.name.decode(),
                "language": language,
                "gender": _GENDERS.get(voice.gender, "neutral"),
                "identifier": voice.identifier.decode(),
            }
            index += 1

    def select(self, identifier: str) -> None:
        """Choose the voice for what follows, by identifier or language. Raises KeyError if there is none."""
        if self._lib.espeak_SetVoiceByName(identifier.encode()) != 0:
            raise KeyError(identifier)

    def knows(self, mnemonic: str) -> bool:
        """Whether the chosen voice has this phoneme: espeak-ng echoes only what it could read."""
        text = c_char_p(f"[[{mnemonic}]]".encode())
        echo = self._lib.espeak_TextToPhonemes(ctypes.byref(text), _CHARS_UTF8 | _PHONEMES, 0)
        return len(echo or b"") >= len(mnemonic)

    def phonemes(self, text: str) -> list[tuple[str, int]]:
        """Return the IPA of each clause, and where in the text it ends, in characters."""
        clauses, encoded = [], text.encode()
        buffer = ctypes.create_string_buffer(encoded)
        start = ctypes.addressof(buffer)
        position = c_void_p(start)
        while position.value:
            ipa = self._lib.espeak_TextToPhonemes(ctypes.byref(position), _CHARS_UTF8, _IPA) or b""
            # A clause ends where espeak-ng has read the first character of the next.
            end = len(encoded[: position.value - start].decode()) - 1 if position.value else len(text)
            clauses.append((ipa.decode(), end))
        return clauses

    def speak(self, text: str, parameters: dict[str, int]) -> Spoken:
        """Speak a text, in which `[[...]]` holds mnemonics.

        `parameters` are espeak-ng's: `rate` in words a minute, `pitch` and `range` from 0 to 100.
        """
        self._spoken = Spoken()
        for name, value in parameters.items():
            self._lib.espeak_SetParameter(_PARAMETERS[name], value, 0)
        encoded = text.encode() + b"\0"
        self._lib.espeak_Synth(encoded, len(encoded), 0, 1, 0, _CHARS_UTF8 | _PHONEMES, None, None)
        return self._spoken

    def _receive(self, wave: Any, count: int, events: Any) -> int:
        if wave and count:
            self._spoken.samples.extend(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _END_OF_LIST:
            event = events[index]
            seconds = event.sample / self.sample_rate_hz
            if event.type == _WORD and event.length > 0:
                self._spoken.words.append((event.text_position - 1, seconds))
            if event.type == _PHONEME:
                self._spoken.sounds.append((event.id.string.decode(errors="ignore"), seconds))
            index += 1
        return 0
