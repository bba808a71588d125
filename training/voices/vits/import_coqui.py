"""A VITS that Coqui trained becomes a voice in the store: `python -m training.voices.vits.import_coqui FOLDER`.

    python -m training.voices.vits.import_coqui FOLDER --models models --name alice --speaker-name "Alice Smith" \
        --consent "I, Alice Smith, agree that ..."

It is served as all voices here, with no torch and no Coqui. Nothing of the folder is run as code.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from services.tts.coqui.config import read_config
from services.tts.coqui.model import CoquiModel, read_coqui
from shared.command_line import status_of
from shared.problems import InvalidInput, Json
from shared.store import ModelStore
from training.voices.commands.import_piper import styles_of
from training.voices.facts import NETWORK, Facts
from training.voices.package import manifest_facts, registered
from training.voices.terms import Terms, add_terms_options, terms_of
from training.voices.vits.graph import Speaking, write_graph


def import_coqui(source: Path, terms: Terms, speaker: str | None, store: ModelStore, version: str | None) -> str:
    """Bring a voice into the store, and return its version. Raises InvalidInput, AlreadyExists, StorageFull."""
    if read_config(source).get("model") != "vits":
        raise InvalidInput("Its configuration is of another network than VITS; others cannot be imported.")
    voice = read_coqui(source)
    facts = _facts(terms, voice, speaker)
    with TemporaryDirectory(prefix="timbre-voice-") as scratch:
        folder = Path(scratch, "voice")
        folder.mkdir()
        write_graph(Speaking(voice.network), folder / NETWORK, has_styles=len(voice.speakers) > 1)
        return registered(store, folder, terms.name, facts, version).version


def _facts(terms: Terms, voice: CoquiModel, speaker: str | None) -> dict[str, Json]:
    facts = Facts(
        engine="vits",
        sample_rate_hz=voice.sample_rate_hz,
        languages=[voice.parameters.front_end.language],
        parameters=voice.parameters.model_dump(mode="json", exclude_defaults=True),
    )
    styles = styles_of(terms.name, voice.speakers, speaker)
    return manifest_facts(terms, facts) | {"voices": [style.model_dump(exclude_none=True) for style in styles]}


def main() -> int:
    """Read the command line and import."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="config.json and model.pth, as Coqui leaves and publishes them")
    parser.add_argument("--models", default="models", help="the model store: a folder or s3:// (default: %(default)s)")
    add_terms_options(parser)
    parser.add_argument("--speaker", help="which of several speakers, by name or number")
    parser.add_argument("--version", help="default: the next number that is free")
    chosen = parser.parse_args()

    def run() -> int:
        terms = terms_of(chosen)
        with TemporaryDirectory(prefix="timbre-voice-") as cache:
            store = ModelStore(chosen.models, Path(cache))
            version = import_coqui(chosen.folder, terms, chosen.speaker, store, chosen.version)
        sys.stdout.write(f"REGISTERED  {terms.name}  {version}\n")
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
