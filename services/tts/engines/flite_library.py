"""ctypes bindings to libflite 2.2: synthesis from our own tokens, and when each token sounds. For the child only."""

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_float, c_int, c_short, c_void_p
from typing import Any, NamedTuple

VOICE_LIBRARIES = {"slt": "cmu_us_slt", "rms": "cmu_us_rms", "awb": "cmu_us_awb", "kal": "cmu_us_kal16"}


_FEATURES = {name: name.encode() for name in ("duration_stretch", "f0_shift", "int_f0_target_stddev")}
"""flite keeps the names' pointers: they must be constants."""


class Spoken(NamedTuple):
    """16-bit samples; (word, start, end) in seconds for each spoken word; phones, and when each begins."""

    sample_rate_hz: int
    samples: bytes
    spans: list[tuple[int, float, float]]
    phones: list[tuple[str, float]]


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", c_char_p),
        ("sample_rate", c_int),
        ("num_samples", c_int),
        ("num_channels", c_int),
        ("samples", POINTER(c_short)),
    )


class _Voice(ctypes.Structure):
    _fields_ = (("name", c_char_p), ("features", c_void_p))


def _token_features(token: dict[str, Any]) -> dict[bytes, str]:
    """Return the features flite's tokeniser sets. flite keeps the names' pointers: they must be constants."""
    features = {
        b"name": token["text"],
        b"whitespace": " ",
        b"prepunctuation": "",
        b"punc": token["punctuation"],
        b"word_number": str(token["word"]),
    }
    return features | ({b"phones": token["phones"]} if token["phones"] else {})


class FliteLibrary:
    """The library and its voices, loaded once."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        self._declare()
        self._lib.flite_init()
        self._synthesise_tokens = ctypes.cast(self._lib.utt_synth_tokens, c_void_p)
        self._voices = {id: self._load(name) for id, name in VOICE_LIBRARIES.items()}

    def _declare(self) -> None:
        signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
            "flite_init": (c_int, ()),
            "new_utterance": (c_void_p, ()),
            "delete_utterance": (None, (c_void_p,)),
            "utt_relation_create": (c_void_p, (c_void_p, c_char_p)),
            "utt_relation": (c_void_p, (c_void_p, c_char_p)),
            "utt_wave": (POINTER(_Wave), (c_void_p,)),
            "relation_append": (c_void_p, (c_void_p, c_void_p)),
            "relation_head": (c_void_p, (c_void_p,)),
            "item_next": (c_void_p, (c_void_p,)),
            "item_set_string": (None, (c_void_p, c_char_p, c_char_p)),
            "flite_feat_set_float": (None, (c_void_p, c_char_p, c_float)),
            "flite_ffeature_float": (c_float, (c_void_p, c_char_p)),
            "flite_ffeature_string": (c_char_p, (c_void_p, c_char_p)),
            "flite_do_synth": (c_void_p, (c_void_p, POINTER(_Voice), c_void_p)),
        }
        for name, (result, arguments) in signatures.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, arguments

    def _load(self, name: str) -> Any:
        register = getattr(ctypes.CDLL(f"libflite_{name}.so.1"), f"register_{name}")
        register.restype, register.argtypes = POINTER(_Voice), (c_char_p,)
        return register(None)

    def speak(self, voice: str, tokens: list[dict[str, Any]], features: dict[str, float]) -> Spoken:
        """Speak tokens of `word` (a number), `text`, `punctuation`, `phones` ("" or ARPAbet).

        `features` are the voice's: `duration_stretch`, `f0_shift`, `int_f0_target_stddev`; they stay until set again.
        """
        lib, voice_pointer = self._lib, self._voices[voice]
        for name, value in features.items():
            lib.flite_feat_set_float(voice_pointer.contents.features, _FEATURES[name], value)
        utterance = lib.flite_do_synth(self._utterance(tokens), voice_pointer, self._synthesise_tokens)
        try:
            wave = lib.utt_wave(utterance).contents
            samples = ctypes.string_at(wave.samples, wave.num_samples * wave.num_channels * 2)
            return Spoken(wave.sample_rate, samples, list(self._spans(utterance)), list(self._phones(utterance)))
        finally:
            lib.delete_utterance(utterance)

    def _utterance(self, tokens: list[dict[str, Any]]) -> Any:
        """Build the Token relation that flite's tokeniser would have made, so that no text is ever parsed."""
        lib = self._lib
        utterance = lib.new_utterance()
        relation = lib.utt_relation_create(utterance, b"Token")
        for token in tokens:
            item = lib.relation_append(relation, None)
            for name, value in _token_features(token).items():
                lib.item_set_string(item, name, value.encode("ascii"))
        return utterance

    def _phones(self, utterance: Any) -> Iterator[tuple[str, float]]:
        lib = self._lib
        segment = lib.relation_head(lib.utt_relation(utterance, b"Segment"))
        begin_seconds = 0.0
        while segment:
            yield lib.flite_ffeature_string(segment, b"name").decode("ascii"), begin_seconds
            begin_seconds = lib.flite_ffeature_float(segment, b"end")
            segment = lib.item_next(segment)

    def _spans(self, utterance: Any) -> Iterator[tuple[int, float, float]]:
        lib = self._lib
        word = lib.relation_head(lib.utt_relation(utterance, b"Word"))
        while word:
            number = int(lib.flite_ffeature_string(word, b"R:Token.parent.word_number"))
            start = lib.flite_ffeature_float(word, b"R:SylStructure.daughter1.daughter1.R:Segment.p.end")
            end = lib.flite_ffeature_float(word, b"R:SylStructure.daughtern.daughtern.R:Segment.end")
            yield number, start, end
            word = lib.item_next(word)
