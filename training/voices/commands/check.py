"""`check`: the check that the recipe begins with, in the same environment."""

from argparse import ArgumentParser, Namespace

from training.voices.commands.environment import become, python_of


def add_options(parser: ArgumentParser) -> None:
    """Let a parser take what the check wants to know."""
    parser.add_argument("data", help="folder or s3://bucket/prefix: metadata.csv (id|text|normalised) and wavs/")
    parser.add_argument("out", help="folder for the report")
    parser.add_argument("--language", default="en-us", help="as espeak-ng calls it (default: %(default)s)")


def run(chosen: Namespace) -> int:
    """Become the check. Raises Unavailable."""
    command = [python_of("world"), "-m", "training.voices.check", chosen.data, chosen.out]
    become([*command, "--language", chosen.language], {})
    return 0
