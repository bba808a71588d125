"""Look after a model store: `python -m shared.store COMMAND`, or `./timbre models COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

from shared.problems import Problem
from shared.store.commands import COMMANDS, add_commands, run_chosen

_INTERRUPTED_STATUS = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when all is well, 1 when a model did not verify or the command failed."""
    parser = argparse.ArgumentParser(prog="python -m shared.store", description="Look after a model store.")
    add_commands(parser, COMMANDS)
    try:
        return run_chosen(parser.parse_args(arguments))
    except Problem as problem:
        sys.stderr.write(f"{problem.title}: {problem.detail}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        return _INTERRUPTED_STATUS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
