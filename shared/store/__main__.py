"""Look after a model store: `python -m shared.store COMMAND`, or `./timbre models COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

from shared.command_line import show_any_name, status_of
from shared.store.commands import COMMANDS, add_commands, run_chosen


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when all is well, 1 when a model did not verify or the command failed."""
    show_any_name()
    parser = argparse.ArgumentParser(prog="python -m shared.store", description="Look after a model store.")
    add_commands(parser, COMMANDS)
    return status_of(lambda: run_chosen(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
