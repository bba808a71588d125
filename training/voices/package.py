"""A trained network as a voice in the model store: `python -m training.voices.package NETWORK EVALUATION TERMS STORE`.

All that belongs to a version is put into a folder first and checked as a whole; in the store its manifest is written
last, and then the version becomes the one in use, so a running service never meets the half of a voice. A call that is
made again registers nothing twice.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from services.tts.network import TASK
from shared.command_line import status_of
from shared.problems import AlreadyExists, InvalidInput, Json, ModelCorrupt, ModelNotFound, NotFound
from shared.store import ModelStore
from shared.store.manifest import Manifest
from shared.store.onnx_guard import refuse_external_data
from shared.store.publish import describe_files
from shared.store.verify import sha256_of
from training.voices.card import CARD, model_card
from training.voices.evaluate.figures import Figures, read_figures
from training.voices.evaluate.folder import documents
from training.voices.facts import NETWORK, Facts, read_facts
from training.voices.terms import Terms, read_terms, refuse_known

_MOST_VERSIONS_BEGUN = 100
"""Of publications that broke off and were never ended."""


def assembled(network: Path, evaluation: Path, terms: Terms, folder: Path) -> dict[str, Json]:
    """Put all files of a voice into an empty folder; return the members of its manifest.

    Raises NotFound, InvalidInput, ModelCorrupt.
    """
    facts, figures = read_facts(network), read_figures(evaluation)
    if not (network / NETWORK).is_file():
        raise NotFound(f"There is no {NETWORK}: the network was not exported.")
    refuse_external_data(network / NETWORK)
    if figures.network_sha256 != sha256_of(network / NETWORK):
        raise InvalidInput("The figures are of another network; evaluate this one.")
    shutil.copyfile(network / NETWORK, folder / NETWORK)
    shown = list(documents(evaluation))
    for name in shown:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(evaluation / name, folder / name)
    (folder / CARD).write_text(model_card(terms, facts, figures, shown), encoding="utf-8")
    return manifest_facts(terms, facts, figures)


def manifest_facts(terms: Terms, facts: Facts, figures: Figures | None = None) -> dict[str, Json]:
    """Return the members of a voice's manifest but its name, version and files."""
    told = {"gender": terms.gender, "display_name": terms.display_name}
    return {
        "task": TASK,
        "engine": facts.engine,
        "sample_rate_hz": facts.sample_rate_hz,
        "languages": list(facts.languages),
        "licence": terms.licence,
        "noncommercial": terms.noncommercial,
        "training_data": [each.model_dump(exclude_none=True) for each in terms.training_data],
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "metrics": figures.metrics() if figures else {},
        "parameters": {**facts.parameters, **told},
        "voices": [style.model_dump(exclude_none=True) for style in facts.voices(terms.name)],
        "consent": terms.consent.model_dump(exclude_none=True),
    }


def registered(
    store: ModelStore,
    folder: Path,
    name: str,
    facts: Mapping[str, Json],
    version: str | None = None,
    *,
    in_use: bool = True,
    new: bool = False,
) -> Manifest:
    """Bring a folder into the store as `version`, or the next number that is free, and have it used from now on.

    What lies there already as the highest version is not brought in again. Raises AlreadyExists for a version that is
    another, for a name that is that of another kind of model, and where it is to be `new` for any that is known;
    InvalidInput, ModelCorrupt, Unavailable, StorageFull.
    """
    versions = _versions(store, name)
    manifest = _same(store, folder, name, facts, versions[-1:] if version is None else [version])
    if manifest is None:
        if new:
            refuse_known(store, name)
        names = iter([version]) if version else _free(versions)
        manifest = _published(store, folder, name, facts, names)
    if in_use:
        store.point(name, manifest.version)
    return manifest


def _versions(store: ModelStore, name: str) -> tuple[str, ...]:
    """Return a voice's versions in order. Raises AlreadyExists where the name is taken by what is no voice."""
    found = next((model.versions for model in store.list() if model.name == name), ())
    if found and store.manifest(name, found[-1]).task != TASK:
        raise AlreadyExists(f"The store has a model {name} that is no voice; choose another name.", param="name")
    return found


def _free(versions: tuple[str, ...]) -> Iterator[str]:
    numbers = [int(version) for version in versions if version.isdecimal()]
    return (str(number) for number in islice(count(max(numbers, default=0) + 1), _MOST_VERSIONS_BEGUN))


def _published(
    store: ModelStore, folder: Path, name: str, facts: Mapping[str, Json], versions: Iterator[str]
) -> Manifest:
    taken: AlreadyExists | None = None
    for version in versions:
        try:
            return store.publish(folder, name, version, facts)
        except AlreadyExists as error:  # somebody was quicker, or broke off with other files
            taken = error
    raise taken or AlreadyExists(f"There is no free version of {name}.")


def _same(
    store: ModelStore, folder: Path, name: str, facts: Mapping[str, Json], versions: tuple[str, ...] | list[str]
) -> Manifest | None:
    """Return the version that was made of this folder already."""
    for version in versions:
        try:
            manifest = store.manifest(name, version)
        except (ModelNotFound, ModelCorrupt):
            continue
        if _compared(manifest.model_dump(mode="json", exclude_defaults=True)) == _compared(
            {**facts, "files": {file: entry.model_dump() for file, entry in describe_files(folder).items()}}
        ):
            return manifest
    return None


def _compared(members: Mapping[str, Json]) -> dict[str, Json]:
    """Return what makes two versions the same: all but the name, the version, the time, and what is empty."""
    return {name: value for name, value in members.items() if value and name not in {"name", "version", "created"}}


def main() -> int:
    """Read the command line, and register the voice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path, help="folder of an export: model.onnx and facts.json")
    parser.add_argument("evaluation", type=Path, help="folder of training.voices.evaluate")
    parser.add_argument("terms", type=Path, help="what training.voices.terms wrote")
    parser.add_argument("store", help="the model store: a folder or s3://bucket/prefix")
    parser.add_argument("--version", help="default: the next number that is free")
    parser.add_argument("--unpointed", action="store_true", help="leave it to others which version is in use")
    parser.add_argument("--new", action="store_true", help="refuse a name that the store has already")
    chosen = parser.parse_args()

    def run() -> int:
        terms = read_terms(chosen.terms)
        with TemporaryDirectory(prefix="timbre-voice-") as scratch:
            folder = Path(scratch, "voice")
            folder.mkdir()
            facts = assembled(chosen.network, chosen.evaluation, terms, folder)
            store = ModelStore(chosen.store, Path(scratch, "cache"))
            manifest = registered(
                store, folder, terms.name, facts, chosen.version, in_use=not chosen.unpointed, new=chosen.new
            )
        sys.stdout.write(f"REGISTERED  {manifest.name}  {manifest.version}\n")
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
