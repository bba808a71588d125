"""Run one service: `python -m shared.serve services.tts.app` (what every container and `make run` start)."""

import argparse

from shared.serve import serve


def main() -> None:
    """Serve the module named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", help="a module with create_app(), such as services.tts.app")
    serve(parser.parse_args().module)


if __name__ == "__main__":
    main()
