"""The child process that speaks with flite."""

from typing import Any

from services.tts.engines.flite_library import FliteLibrary
from shared.child_process import Handler, serve


def handler(library: FliteLibrary) -> Handler:
    """Answer `speak` requests: voice, tokens, features."""

    def speak(request: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        spoken = library.speak(request["voice"], request["tokens"], request["features"])
        head = {"sample_rate_hz": spoken.sample_rate_hz, "spans": spoken.spans, "phones": spoken.phones}
        return head, spoken.samples

    return speak


if __name__ == "__main__":
    serve(handler(FliteLibrary()))
