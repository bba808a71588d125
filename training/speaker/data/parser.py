"""The commands for the catalogue, and their options."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from contextlib import suppress
from pathlib import Path

from training.speaker.data import commands
from training.speaker.data.clip import GENDERS, SPLITS
from training.speaker.data.people import Unclear, age_of
from training.speaker.data.settings import DatasetSettings

_IMPORT_MORE = """\
SOURCE is a folder or s3://bucket/prefix: a release of Common Voice in one language (validated.tsv and clips/), or a
table with the columns path, speaker, gender and age beside its recordings. Call it again if it breaks off. Who has a
split keeps it: --shares and --seed are for speakers that the catalogue does not know yet.
"""


def parser_of_commands() -> ArgumentParser:
    """Return the parser; it tells the function to call as `do`."""
    parser = ArgumentParser(prog="timbre dataset", description="Keep account of recordings of voices.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    told = "bring tables of clips into the catalogue, and deal their speakers to train, validation and test"
    bring = subparsers.add_parser("import", help=told, description=told, epilog=_IMPORT_MORE)
    bring.formatter_class = RawDescriptionHelpFormatter
    _add_import_options(bring)
    told = "print the clips that are wanted, as they are found"
    query = subparsers.add_parser("query", help=told, description=told)
    told = "count hours, clips and speakers of each gender, age group and split"
    stats = subparsers.add_parser("stats", help=told, description=told)
    forms = query.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="an object a line")
    forms.add_argument("--csv", action="store_true", help="a table with commas")
    stats.add_argument("--json", action="store_true", help="an object a line")
    stats.add_argument("--plots", type=Path, metavar="FOLDER", help="also draw them, as PNGs; needs matplotlib")
    for subparser, do in ((bring, commands.bring), (query, commands.query), (stats, commands.stats)):
        told = "a SQLite file or dynamodb://table (default: %(default)s)"
        subparser.add_argument("--catalogue", default=DatasetSettings().catalogue, metavar="PLACE", help=told)
        subparser.set_defaults(do=do)
    for subparser in (query, stats):
        _add_filters(subparser)
    return parser


def _add_import_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the data set; another release is another data set")
    parser.add_argument("source", metavar="SOURCE", help="where table and recordings lie")
    told = "below SOURCE; may be given several times (default: validated.tsv or metadata.csv)"
    parser.add_argument("--table", action="append", default=[], metavar="FILE", help=told)
    told = "of the recordings, where the table does not tell it (Common Voice: CC0-1.0)"
    parser.add_argument("--licence", default="", help=told)
    parser.add_argument("--language", default="", metavar="CODE", help="where the table does not tell it")
    told = "do not look how long clips are of which the table does not say it"
    parser.add_argument("--unmeasured", action="store_true", help=told)
    told = "the data set lies at SOURCE now, with all that was imported of it from elsewhere"
    parser.add_argument("--moved", action="store_true", help=told)
    told = "percent of the speakers for train, validation and test (default: %(default)s)"
    parser.add_argument("--shares", default="80,10,10", metavar="A,B,C", help=told)
    parser.add_argument("--seed", type=int, default=1, help="other people on each side (default: %(default)s)")


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--gender", choices=GENDERS, default="")
    parser.add_argument("--age", type=_age_group, default="", metavar="GROUP", help="teens ... nineties, unknown")
    parser.add_argument("--accent", default="", metavar="TEXT", help="how it begins; capitals are as small letters")
    parser.add_argument("--language", default="", metavar="CODE")
    parser.add_argument("--split", choices=SPLITS, default="")
    parser.add_argument("--data-set", default="", metavar="NAME")


def _age_group(told: str) -> str:
    if not told:  # any: argparse asks for its default too
        return ""
    with suppress(Unclear):
        group, years = age_of(told)
        if years is None:
            return group
    raise ArgumentTypeError("a group is one of teens, twenties, ... nineties, unknown")
