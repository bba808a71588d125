"""What the command line can do with words of one's own. Each command returns its exit status, as those for jobs do."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from urllib.parse import quote

from client.command import WrongUse
from client.keywords.schemas import Enrolled, OwnKeyword, OwnModel, OwnModels
from client.recordings.sending import content_of
from client.terminal import failed, say
from client.timbre import Part, Timbre
from shared.printable import printable

_PATH = "/v1/keywords/models"


def enrol(timbre: Timbre, chosen: Namespace) -> int:
    """Learn a word from recordings; say which of them are worth listening to again. Raises WrongUse."""
    parts: list[Part] = [("name", chosen.name), ("keyword", chosen.keyword), *_recordings(chosen.files)]
    enrolled = Enrolled.model_validate_json(timbre.patiently(lambda: timbre.send(_PATH, *parts)))
    for line in _doubts(enrolled, chosen.files):
        failed(line)
    return say(_line(enrolled))


def list_models(timbre: Timbre, _: Namespace) -> int:
    """Show the caller's models, and their words."""
    for model in OwnModels.model_validate_json(timbre.ask("GET", _PATH)).data:
        _say_model(model)
    return 0


def show(timbre: Timbre, chosen: Namespace) -> int:
    """Show the words of one model."""
    return _say_model(OwnModel.model_validate_json(timbre.ask("GET", _path_of(chosen.name))))


def forget(timbre: Timbre, chosen: Namespace) -> int:
    """Delete a model with all its words."""
    timbre.ask("DELETE", _path_of(chosen.name))
    return say(f"{printable(chosen.name)} is deleted.")


def _say_model(model: OwnModel) -> int:
    name = printable(model.name)
    if not model.is_current:
        sys.stderr.write(f"{name} was learned on a base model that is no longer in use: enrol its words anew\n")
    for word in model.keywords:
        say(f"{name}  {_line(word)}")
    return 0


def _line(word: OwnKeyword) -> str:
    learned = f"{word.recordings} recordings, recall {word.recall:.2f}, false accepts {word.false_accepts:.4f}"
    return f"{printable(word.keyword)}  {learned}"


def _doubts(enrolled: Enrolled, files: list[str]) -> Iterator[str]:
    """Yield a line for each file that did not help, or that the others do not recognise."""
    for rejected in enrolled.rejected:
        why = printable(rejected.reason.replace("_", " "))
        yield f"{_named(files, rejected.file)}: not learned from, as it is {why}"
    for place in enrolled.missed:
        yield f"{_named(files, place)}: not recognised by what was learned from the others; listen to it"


def _named(files: list[str], place: int) -> str:
    return printable(files[place]) if 0 <= place < len(files) else f"file {place}"


def _recordings(files: list[str]) -> list[Part]:
    """Return the files as members of a form, without their names. Raises WrongUse."""
    try:
        return [("files", ("recording", content_of(file))) for file in files]
    except OSError as error:
        raise WrongUse(f"{printable(str(error.filename))} cannot be read: {error.strerror}") from error


def _path_of(name: str) -> str:
    return f"{_PATH}/{quote(name, safe='')}"
