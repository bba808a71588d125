"""Whose a voice is, that they agree, and on which terms it may be used: asked for before anything is trained.

`python -m training.voices.terms FILE --name alice --speaker-name "Alice Smith" --consent "I, Alice Smith, agree ..."`
writes them down, for packages of that voice.
"""

import argparse
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.tts.speech import Gender
from services.tts.voices import OPENAI_VOICES
from shared.command_line import status_of
from shared.objects.folder import FolderObjects
from shared.problems import AlreadyExists, InvalidInput, NotFound
from shared.store import ModelStore
from shared.store.manifest import Consent, Name, Text, TrainingData, summary
from shared.store.names import check_name
from training.speaker.licences import is_noncommercial

_MOST_STATEMENT_CHARACTERS = 2_000
_FEWEST_STATEMENT_WORDS = 3
_UNSTATED = "not stated"
_ESPEAK_PREFIX = "espeak-"
"""Of the names of espeak-ng's voices."""


class Terms(BaseModel):
    """What the manifest of a voice says beside what was trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    """Under which the voice is asked for."""
    consent: Consent
    display_name: Annotated[str, Field(min_length=1, max_length=80)] = ""
    """By default the voice's name, with a capital letter."""
    gender: Gender = "neutral"
    licence: Text = _UNSTATED
    noncommercial: bool = False
    training_data: list[TrainingData] = []

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, members: dict[str, object]) -> dict[str, object]:
        """Name the voice, and read from the licences whether they allow commercial use."""
        told = members.get("display_name") or str(members.get("name", "")).replace("-", " ").title()
        licences = [members.get("licence"), *_licences(members.get("training_data"))]
        refuses = any(is_noncommercial(str(licence)) for licence in licences)
        return {**members, "display_name": told, "noncommercial": bool(members.get("noncommercial")) or refuses}


def consent_of(speaker: str, statement: str, given_on: str = "", record: str = "") -> Consent:
    """Return a speaker's consent, of today unless it says otherwise. Raises InvalidInput where something is missing."""
    words = " ".join(statement.split())
    if not speaker.strip():
        raise InvalidInput("Whose voice is it? Name the speaker: SPEAKER=..., or --speaker-name.")
    if len(words.split()) < _FEWEST_STATEMENT_WORDS:
        raise InvalidInput(
            "A voice needs the consent of its speaker. Say in a sentence that they agree, and to what: "
            'CONSENT="I, ..., agree that my voice is learned from these recordings and used for ...", or --consent.'
        )
    if len(words) > _MOST_STATEMENT_CHARACTERS:
        raise InvalidInput(
            f"A statement of consent has at most {_MOST_STATEMENT_CHARACTERS} characters; write a shorter one, "
            "and where the whole is kept: --consent-record."
        )
    return Consent(speaker=speaker.strip(), basis=words, given_on=_day(given_on), record=record.strip() or None)


def read_terms(path: Path) -> Terms:
    """Return terms that were written down. Raises InvalidInput, NotFound."""
    try:
        return Terms.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound("The terms of this voice were not written down: python -m training.voices.terms.") from error
    except ValidationError as error:
        raise InvalidInput(f"The terms are wrong: {summary(error)}") from error


def refuse_known(store: ModelStore, name: str) -> None:
    """Raise AlreadyExists where a store has a model of that name."""
    if any(model.name == name for model in store.list()):
        raise AlreadyExists(f"There is a model {name} already; choose another name.", param="input.name")


def write_terms(path: Path, terms: Terms) -> None:
    """Write terms down, whole or not at all. Raises StorageFull, Unavailable."""
    FolderObjects(path.parent).put(path.name, terms.model_dump_json(indent=1).encode() + b"\n")


def add_terms_options(parser: argparse.ArgumentParser) -> None:
    """Let a parser take what `terms_of` looks at."""
    parser.add_argument("--name", required=True, help="under which the voice is asked for: a-z, 0-9, '.', '_', '-'")
    parser.add_argument("--speaker-name", default="", help="whose voice it is")
    parser.add_argument("--consent", default="", help="their statement that they agree, and to what")
    parser.add_argument("--consent-file", type=Path, help="a text file with that statement")
    parser.add_argument("--consent-date", default="", metavar="YYYY-MM-DD", help="when they gave it (default: today)")
    parser.add_argument("--consent-record", default="", help="where the record of it is kept")
    parser.add_argument("--display-name", default="", help="for people (default: the name)")
    parser.add_argument("--gender", default="neutral", choices=("female", "male", "neutral"), help="as it sounds")
    parser.add_argument("--licence", default=_UNSTATED, help="of the voice (default: %(default)s)")
    parser.add_argument("--noncommercial", action="store_true", help="it allows no commercial use")
    parser.add_argument("--recordings", default="", help="where they lie: what the manifest says that it was made from")
    parser.add_argument("--data", type=Path, help="JSON list of the recordings' names, licences, sources and uses")
    parser.add_argument("--base", type=Path, help="terms of the voice that it is learned on top of")


def terms_of(chosen: argparse.Namespace) -> Terms:
    """Return what the options say. Raises InvalidInput, which says what is missing."""
    name = _own_name(chosen.name)
    consent = consent_of(chosen.speaker_name, _statement(chosen), chosen.consent_date, chosen.consent_record)
    members = {
        "name": name,
        "consent": consent.model_dump(),
        "display_name": chosen.display_name,
        "gender": chosen.gender,
        "licence": chosen.licence.strip() or _UNSTATED,
        "noncommercial": chosen.noncommercial,
        "training_data": [*_recordings(chosen), *(_of_base(read_terms(chosen.base)) if chosen.base else [])],
    }
    try:
        return Terms.model_validate(members)
    except ValidationError as error:
        raise InvalidInput(f"The terms are wrong: {summary(error)}") from error


def _own_name(told: str) -> str:
    """Return a name that no voice has which is there always: a voice of that name would never be spoken with."""
    name = check_name(told, "name")
    if name in {*OPENAI_VOICES, *OPENAI_VOICES.values()} or name.startswith(_ESPEAK_PREFIX):
        raise InvalidInput(f"{name} is the name of a voice that is there already; choose another.", param="name")
    return name


def _statement(chosen: argparse.Namespace) -> str:
    if not chosen.consent_file:
        return str(chosen.consent)
    try:
        return str(chosen.consent_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("The file with the statement of consent cannot be read as text in UTF-8.") from error


def _recordings(chosen: argparse.Namespace) -> list[object]:
    """Return what the manifest says of the recordings; of a folder on this machine, no more than its name."""
    if chosen.data:
        told = _read_json(chosen.data)
        return told if isinstance(told, list) else [told]
    location = chosen.recordings.rstrip("/")
    if not location:
        return []
    source = location if "://" in location else "a folder"
    return [{"name": Path(location).name or location, "licence": _UNSTATED, "source": source, "use": "learned from"}]


def _of_base(base: Terms) -> list[object]:
    """Return the voice below, and what that was made from: all of it is in the new one."""
    told = {"name": base.name, "licence": base.licence, "source": "a voice", "use": "fine-tuned from"}
    return [told, *(each.model_dump(exclude_none=True) for each in base.training_data)]


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidInput("The file that says what the recordings are is no JSON that can be read.") from error


def _licences(training_data: object) -> list[str]:
    rows = training_data if isinstance(training_data, list) else []
    return [str(dict(row).get("licence", "")) for row in rows if isinstance(row, dict | TrainingData)]


def _day(told: str) -> str:
    try:
        day = date.fromisoformat(told) if told else datetime.now(UTC).date()
    except ValueError as error:
        raise InvalidInput("The date of the consent is written as 2026-01-31.") from error
    if day > datetime.now(UTC).date():
        raise InvalidInput("The date of the consent lies in the future.")
    return day.isoformat()


def main() -> int:
    """Read the command line and write the terms down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    add_terms_options(parser)
    parser.add_argument("--new-in", metavar="STORE", help="refuse a name that this model store has already")
    chosen = parser.parse_args()

    def run() -> int:
        terms = terms_of(chosen)
        if chosen.new_in:
            refuse_known(ModelStore(chosen.new_in, Path()), terms.name)
        write_terms(chosen.file, terms)
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
