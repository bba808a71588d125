"""Start Timbre on this machine: `python -m deploy.local.start` (what `make run` does once all is installed)."""

import errno
import shutil
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from deploy.local.api_key import kept_key
from deploy.local.programs import Control, programs, supervisord_configuration
from deploy.local.settings import ENV_FILE, LocalSettings, inherited_environment
from deploy.local.stack import StartFailed, running
from gateway.key_store import KeyStore
from services.keywords.settings import KeywordsSettings
from services.sentiment.settings import SentimentSettings
from services.speaker.settings import SpeakerSettings
from services.stt.engine import ENGINES
from services.stt.settings import SttSettings
from shared.problems import Problem
from shared.settings import faults_in

_PARAGRAPH = (
    "We won the cup, I am so happy! Then the last train was cancelled and nobody told us, I am so angry. "
    "I sat there alone, and I cried. I was so scared in the dark. The next train leaves at nine."
)
_WELCOME = """
Timbre is ready at {address}
API key, also in .env: {key}

Each sentence in the emotion found in it:

  curl {insecure}{address}/v1/speech/emotional -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' -o speech.mp3 \\
    -d '{{"text": "{text}"}}'

Ctrl-C ends Timbre.

"""


def main() -> int:
    """Run Timbre until it is told to end; return the exit status."""
    try:
        return _run(LocalSettings())
    except ValidationError as error:
        return _give_up("\n".join(faults_in(error)))
    except StartFailed as error:
        return _give_up(str(error))
    except Problem as error:
        return _give_up(error.detail)


def _give_up(why: str) -> int:
    sys.stderr.write(f"\nTimbre cannot start.\n{why}\n")
    return 1


def _run(settings: LocalSettings) -> int:
    _require_port(settings)
    _require_nginx()
    _require_models()
    given = settings.api_key.get_secret_value() if settings.api_key else None
    key = kept_key(given, KeyStore(settings.keys), ENV_FILE)
    address = f"{'https' if settings.tls_certificate else 'http'}://localhost:{settings.port}"
    with tempfile.TemporaryDirectory(prefix="timbre-") as name:
        folder = Path(name)
        control, configuration = Control(folder / "supervisor.sock"), folder / "supervisord.conf"
        configuration.write_text(supervisord_configuration(programs(settings, folder), control))
        sys.stdout.write(f"Starting Timbre at {address} ...\n")
        sys.stdout.flush()
        with running(configuration, control, inherited_environment()) as stack:
            stack.wait_until_ready(address, settings.start_seconds)
            insecure = "-k " if settings.tls_certificate else ""
            sys.stdout.write(_WELCOME.format(address=address, key=key, text=_PARAGRAPH, insecure=insecure))
            sys.stdout.flush()
            return stack.wait()


def _require_port(settings: LocalSettings) -> None:
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        why = {errno.EADDRINUSE: "is in use", errno.EACCES: "may not be used by this user"}
        raise StartFailed(
            f"Port {settings.port} of {settings.host} {why.get(error.errno or 0, 'cannot be used')}. "
            f"Choose another: TIMBRE_PORT={settings.port % 65535 + 1} make run"
        ) from error


def _require_nginx() -> None:
    if not all(shutil.which(name, path="/usr/local/sbin:/usr/sbin:/usr/bin:/bin") for name in ("nginx", "envsubst")):
        raise StartFailed("NGINX or envsubst is missing: apt-get install nginx-light gettext-base")


def _require_models() -> None:
    """Say at once what would otherwise be a service that never becomes ready."""
    sentiment = SentimentSettings(_env_file=ENV_FILE)  # type: ignore[call-arg]  # mypy does not know pydantic's own
    keywords = KeywordsSettings(_env_file=ENV_FILE)  # type: ignore[call-arg]
    stt = SttSettings(_env_file=ENV_FILE)  # type: ignore[call-arg]
    speaker = SpeakerSettings(_env_file=ENV_FILE)  # type: ignore[call-arg]
    trained = "make it: make train MODEL={} DATA=FOLDER"
    if sentiment.sentiment_engine != "fake":
        _require_model(sentiment.models, [sentiment.sentiment_model], trained.format("emotion"))
    if keywords.keywords_engine != "fake":
        _require_model(keywords.models, [keywords.keywords_model], trained.format("keywords"))
    if stt.model_names[0] not in ENGINES:
        _require_model(stt.models, [stt.model_names[0]], f"fetch it: ./timbre models pull {stt.model_names[0]}")
    if speaker.speaker_engine == "onnx":
        otherwise = (
            f"{trained.format('speaker')}; or start without the speaker service: TIMBRE_SPEAKER_ENGINE= make run"
        )
        _require_model(speaker.models, list(speaker.model_names.values()), otherwise)


def _require_model(models: str, names: Sequence[str], otherwise: str) -> None:
    """Require one of these, where that can be seen from here."""
    is_folder = "://" not in models
    if is_folder and not any(Path(models, name).is_dir() for name in names):
        raise StartFailed(
            f"There is no model {' or '.join(names)} in {models}. Name the folder or bucket that has it in "
            f"TIMBRE_MODELS, or {otherwise}"
        )


if __name__ == "__main__":
    sys.exit(main())
