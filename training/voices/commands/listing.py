"""`list`: the voices in the store."""

import sys
from argparse import ArgumentParser, Namespace

from shared.printable import printable
from shared.store.commands.command import show
from shared.store.manifest import Manifest
from training.voices.commands.stored import add_store_option, emotions_of, opened, voices_of

_HEADER = ("VOICE", "VERSION", "ENGINE", "LANGUAGE", "EMOTIONS", "SPEAKER", "CONSENT", "WORD ERRORS")


def add_options(parser: ArgumentParser) -> None:
    """Let a parser take where they are."""
    add_store_option(parser)


def run(chosen: Namespace) -> int:
    """Print a line for each voice."""
    rows = [_row(manifest) for _, manifest in voices_of(opened(chosen.location))]
    if rows:
        show([_HEADER, *rows])
    else:
        sys.stdout.write("There are no voices of your own yet: ./timbre voice train --help\n")
    return 0


def _row(manifest: Manifest) -> tuple[str, ...]:
    consent, errors = manifest.consent, manifest.metrics.get("word_error_rate")
    return (
        manifest.name,
        manifest.version,
        manifest.engine,
        ", ".join(manifest.languages),
        ", ".join(emotions_of(manifest)) or "-",
        printable(consent.speaker) if consent else "-",
        (consent.given_on or "-") if consent else "-",
        f"{errors:.1%}" if isinstance(errors, float) else "-",
    )
