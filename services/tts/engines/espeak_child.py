"""The child process that speaks with espeak-ng."""

from bisect import bisect_right
from typing import Any

from services.tts.engines.espeak_library import EspeakLibrary
from services.tts.engines.espeak_sounds import sounds_of
from shared.child_process import Handler, serve


def handler(library: EspeakLibrary) -> Handler:
    """Answer `voices`, `speak` (voice, parameters, pieces of text or candidates, punctuation after), and `phonemes`.

    The last takes a language and stretches of pieces of text; it has no sounds for a language that is not here.
    """

    def speak(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        library.select(request["voice"])
        text, starts = _text(library, request["pieces"])
        spoken = library.speak(text, request["parameters"])
        length_seconds = len(spoken.samples) / 2 / library.sample_rate_hz
        spans, sounds = _spans(spoken.words, starts, length_seconds), _sounds(spoken.sounds, length_seconds)
        return {"sample_rate_hz": library.sample_rate_hz, "spans": spans, "sounds": sounds}, bytes(spoken.samples)

    def phonemes(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            library.select(request["language"])
        except KeyError:
            return {"sounds": None}, b""
        return {"sounds": [sounds_of(library, pieces) for pieces in request["stretches"]]}, b""

    def voices(_: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {"sample_rate_hz": library.sample_rate_hz, "voices": list(library.voices())}, b""

    answers = {"voices": voices, "speak": speak, "phonemes": phonemes}

    def handle(request: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        return answers[request["do"]](request)

    return handle


def _text(library: EspeakLibrary, pieces: list[dict[str, Any]]) -> tuple[str, list[int]]:
    """Return the text to speak and where in it each piece starts."""
    text, starts = "", []
    for piece in pieces:
        starts.append(len(text))
        text += _phonemes(library, piece["candidates"]) if piece["candidates"] else piece["text"]
        text += piece["after"] + " "
    return text, starts


def _phonemes(library: EspeakLibrary, candidates: list[list[str]]) -> str:
    """Choose for each sound the first mnemonic that the voice knows; stress marks stand as they are."""
    chosen = (next((m for m in sound if m in ("'", ",") or library.knows(m)), "") for sound in candidates)
    return "[[" + "|".join(mnemonic for mnemonic in chosen if mnemonic) + "]]"


def _spans(events: list[tuple[int, float]], starts: list[int], length_seconds: float) -> list[tuple[int, float, float]]:
    """Give each piece the time from its first event to the next piece's."""
    firsts: list[tuple[int, float]] = []
    for position, seconds in events:
        piece = bisect_right(starts, position) - 1
        if not firsts or piece > firsts[-1][0]:
            firsts.append((piece, seconds))
    ends = [*(seconds for _, seconds in firsts[1:]), length_seconds][: len(firsts)]
    return [(piece, start, end) for (piece, start), end in zip(firsts, ends, strict=True)]


def _sounds(events: list[tuple[str, float]], length_seconds: float) -> list[tuple[str, float, float]]:
    """Give each sound the time until the next."""
    ends = [*(seconds for _, seconds in events[1:]), length_seconds][: len(events)]
    return [(ipa, start, end) for (ipa, start), end in zip(events, ends, strict=True)]


if __name__ == "__main__":
    serve(handler(EspeakLibrary()))
