"""The child process that speaks with flite."""

from typing import Any

from services.tts.engines.flite_library import FliteLibrary
from shared.child_process import Handler, serve


def handler(library: FliteLibrary) -> Handler:
    """Answer `speak` requests: voice, tokens, features."""

    def speak(request: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        rate_hz, samples, spans = library.speak(request["voice"], request["tokens"], request["features"])
        return {"sample_rate_hz": rate_hz, "spans": spans}, samples

    return speak


if __name__ == "__main__":
    serve(handler(FliteLibrary()))
