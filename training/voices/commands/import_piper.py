"""`import`: somebody's Piper voice, of whose speaker the consent is known, becomes a voice in the store."""

import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from services.tts.engines.piper_config import MAX_CONFIG_BYTES, PiperVoice, piper_voice
from services.tts.speakers import emotional_styles
from shared.problems import InvalidInput, Json
from shared.store import ModelStore
from shared.store.manifest import VoiceStyle
from shared.store.onnx_guard import refuse_external_data
from training.voices.commands.stored import add_store_option
from training.voices.facts import NETWORK, Facts
from training.voices.package import manifest_facts, registered
from training.voices.terms import Terms, add_terms_options, terms_of

_SPEAKERS_TOLD = 10


def add_options(parser: ArgumentParser) -> None:
    """Let a parser take the files, and whose voice it is."""
    parser.add_argument("network", type=Path, metavar="FILE.onnx")
    parser.add_argument("config", type=Path, metavar="FILE.onnx.json")
    add_terms_options(parser)
    parser.add_argument("--speaker", help="which of several speakers, by name or number")
    parser.add_argument("--version", help="default: the next number that is free")
    add_store_option(parser)


def run(chosen: Namespace) -> int:
    """Bring it into the store. Raises InvalidInput, ModelCorrupt, AlreadyExists, StorageFull, Unavailable."""
    terms = terms_of(chosen)
    voice = piper_voice(_config(chosen.config))
    with TemporaryDirectory(prefix="timbre-voice-") as scratch:
        folder = Path(scratch, "voice")
        folder.mkdir()
        _copy(chosen.network, folder / NETWORK)
        store = ModelStore(chosen.location, Path(scratch, "cache"))
        manifest = registered(store, folder, terms.name, _facts(terms, voice, chosen.speaker), chosen.version)
    sys.stdout.write(f"REGISTERED  {manifest.name}  {manifest.version}\n")
    return 0


def _facts(terms: Terms, voice: PiperVoice, speaker: str | None) -> dict[str, Json]:
    facts = Facts(
        engine="piper",
        sample_rate_hz=voice.sample_rate_hz,
        languages=voice.languages,
        parameters=voice.parameters,
    )
    styles = styles_of(terms.name, voice.speakers, speaker)
    return manifest_facts(terms, facts) | {"voices": [style.model_dump(exclude_none=True) for style in styles]}


def styles_of(name: str, speakers: Mapping[str, int], chosen: str | None) -> list[VoiceStyle]:
    """Return the ways of speaking of one voice: its only speaker, the chosen one, or those named after emotions."""
    if not speakers:
        return [VoiceStyle(voice=name)]
    if chosen is not None:
        return [VoiceStyle(voice=name, speaker=_index(speakers, chosen))]
    if styles := emotional_styles(name, speakers):
        return styles
    raise InvalidInput(f"This voice has {len(speakers)} speakers; choose one with --speaker: {_told(speakers)}.")


def _index(speakers: Mapping[str, int], chosen: str) -> int:
    if chosen in speakers:
        return speakers[chosen]
    if chosen.isdecimal() and int(chosen) in speakers.values():
        return int(chosen)
    raise InvalidInput(f"There is no such speaker; there are: {_told(speakers)}.")


def _told(speakers: Mapping[str, int]) -> str:
    names = [f"{name[:40]!a}" for name in list(speakers)[:_SPEAKERS_TOLD]]
    return ", ".join([*names, *(["..."] if len(speakers) > _SPEAKERS_TOLD else [])])


def _config(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise InvalidInput("The voice's configuration, .onnx.json, cannot be read.") from error


def _copy(network: Path, target: Path) -> None:
    try:
        shutil.copyfile(network, target)
    except OSError as error:
        raise InvalidInput("The voice's network, .onnx, cannot be read or copied.") from error
    refuse_external_data(target)
