"""Write the pages that follow from code and tests: `python -m docs.generate` (a test keeps them true)."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic_settings import BaseSettings

from client.access import Access
from deploy.local.settings import LocalSettings
from docs.clients import migrate_page
from gateway.jobs.settings import WorkerSettings
from gateway.settings import GatewaySettings
from jobs.register_settings import RegisterSettings
from jobs.schedule_settings import ScheduleSettings
from jobs.settings import SpeakerWorkerSettings
from jobs.transcribe.settings import BatchSettings
from services.keywords.settings import KeywordsSettings
from services.sentiment.settings import SentimentSettings
from services.speaker.settings import SpeakerSettings
from services.stt.settings import SttSettings
from services.tts.settings import TTSSettings
from shared.audio.settings import RecordingSettings
from shared.problems import Problem
from shared.settings import ModelSettings, ServiceSettings
from shared.store.settings import StoreSettings
from training.speaker.data.settings import DatasetSettings

_FOLDER = Path(__file__).parent
_SETTINGS: dict[str, type[BaseSettings]] = {
    "Every service": ServiceSettings,
    "Services with a model or an engine": ModelSettings,
    "Services that take recordings": RecordingSettings,
    "gateway": GatewaySettings,
    "gateway/jobs worker": WorkerSettings,
    "jobs/speaker_worker": SpeakerWorkerSettings,
    "services/tts": TTSSettings,
    "services/sentiment": SentimentSettings,
    "services/speaker": SpeakerSettings,
    "services/keywords": KeywordsSettings,
    "services/stt": SttSettings,
    "jobs/transcribe (timbre batch)": BatchSettings,
    "jobs/schedule": ScheduleSettings,
    "jobs/register_model": RegisterSettings,
    "make run": LocalSettings,
    "timbre, the command line": Access,
    "timbre models": StoreSettings,
    "timbre dataset": DatasetSettings,
}


def settings_page() -> str:
    """Return the page of all settings, each under the first class that has it and those that change its default."""
    lines = ["# Settings", "", "Each is an environment variable. `make run` and docker compose read `.env` too.", ""]
    seen: set[str] = set()
    for title, settings in _SETTINGS.items():
        lines += [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
        for name, field in settings.model_fields.items():
            if name not in seen or _is_changed(settings, name):
                seen.add(name)
                meaning = " ".join((field.description or "").split())
                default = "needed" if field.is_required() else f"`{field.get_default()}`"
                lines.append(f"| `TIMBRE_{name.upper()}` | {default} | {meaning} |")
        lines.append("")
    return "\n".join([*lines, *_nginx_rows()])


def _is_changed(settings: type[BaseSettings], name: str) -> bool:
    """Tell whether a class gives a setting another default than its base does."""
    (base,) = settings.__bases__
    inherited, own = getattr(base, "model_fields", {}).get(name), settings.model_fields[name]
    return inherited is not None and not own.is_required() and inherited.get_default() != own.get_default()


def _nginx_rows() -> Iterator[str]:
    """Yield the settings that nginx/start.sh has defaults for; a comment behind one is its meaning."""
    yield from ("## NGINX", "", "| variable | default | meaning |", "|---|---|---|")
    for line in (_FOLDER.parent / "nginx" / "start.sh").read_text().splitlines():
        code, _, meaning = line.partition("#")
        for name, default in re.findall(r'^: .*?"\$\{(TIMBRE_\w+):=([^}]*)\}"', code):
            yield f"| `{name}` | `{default}` | {meaning.strip()} |"
    yield ""


def problems_page() -> str:
    """Return the page of all problem types."""
    lines = [
        "# Problems",
        "",
        "Every error is an `application/problem+json` body (RFC 9457). `type` is stable; programs should switch on it.",
        "The same body holds an `error` object as OpenAI's clients read it.",
        "",
        "| type | status | OpenAI `error.type` / `error.code` | meaning |",
        "|---|---|---|---|",
    ]
    for kind in sorted(_problems(Problem), key=lambda kind: (kind.status, kind.slug)):
        code = kind.openai_code or kind.slug.replace("-", "_")
        meaning = (inspect.getdoc(kind) or "").splitlines()[0]
        name = f"urn:timbre:problem:{kind.slug}"
        lines.append(f"| `{name}` | {kind.status} | `{kind.openai_type}` / `{code}` | {meaning} |")
    return "\n".join([*lines, ""])


def _problems(kind: type[Problem]) -> Iterator[type[Problem]]:
    """Yield the problem and all below it, but those that callers see as the one above."""
    if "slug" in vars(kind):
        yield kind
    for child in kind.__subclasses__():
        yield from _problems(child)


PAGES = {"settings.md": settings_page, "problems.md": problems_page, "migrate.md": migrate_page}


def main() -> None:
    """Write them all."""
    for name, page in PAGES.items():
        (_FOLDER / name).write_text(page())


if __name__ == "__main__":
    main()
