"""The admin command for API keys: `python -m gateway.keys create|list|revoke|aws --name NAME`."""

import argparse
import sys
from collections.abc import Sequence

from gateway.key_store import KeyStore
from gateway.settings import GatewaySettings
from shared.problems import InvalidInput, Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    chosen = _parser().parse_args(arguments)
    store = KeyStore(GatewaySettings().keys)
    try:
        sys.stdout.write(_COMMANDS[chosen.command](store, getattr(chosen, "name", "")))
    except Problem as problem:
        sys.stderr.write(f"{problem.detail}\n")
        return 1
    return 0


def _create(store: KeyStore, name: str) -> str:
    return f"{store.create(name)}\n"


def _list(store: KeyStore, _: str) -> str:
    rows = [("ID", "NAME", "CREATED", "REVOKED")]
    rows += [(key.id, key.name, key.created, key.revoked or "-") for key in store.listing()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


def _revoke(store: KeyStore, name: str) -> str:
    return f"{store.revoke(name).id} is revoked.\n"


def _aws(store: KeyStore, name: str) -> str:
    key = store.valid(name)
    if key.aws_secret is None:
        raise InvalidInput("This key was made before AWS's clients were served; make another.", param="name")
    return f"export AWS_ACCESS_KEY_ID={key.id}\nexport AWS_SECRET_ACCESS_KEY={key.aws_secret}\n"


_COMMANDS = {"create": _create, "list": _list, "revoke": _revoke, "aws": _aws}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.keys", description="Make, list and revoke API keys.")
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "create": "make a key and print it, once",
        "revoke": "make a key worthless at once",
        "aws": "print what AWS's clients sign with, for a shell to evaluate",
    }
    for command, text in helps.items():
        commands.add_parser(command, help=text).add_argument("--name", required=True, help="what the key is for")
    commands.add_parser("list", help="ids, names and dates; never the keys themselves")
    return parser


if __name__ == "__main__":
    sys.exit(main())
