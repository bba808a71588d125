"""A trained network as what is served: `python -m training.voices.vits.export RUN NETWORK`.

NETWORK gets model.onnx, the part that speaks alone, and facts.json, which says how it is asked.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from shared.command_line import status_of
from shared.objects.folder import FolderObjects
from shared.problems import Json, NotFound
from training.voices.facts import FACTS, NETWORK
from training.voices.runs import BEST, load
from training.voices.vits.front_end import front_end_with_blank
from training.voices.vits.graph import Speaking, write_graph
from training.voices.vits.network import Shape, Voice, config_of
from training.voices.vits.settings import HOP_SAMPLES


def export(run: Path, network: Path) -> None:
    """Write the best network of a run. Raises NotFound where there is none yet."""
    if not (run / BEST).exists():
        raise NotFound(f"There is no {BEST}: no epoch of this training has ended.")
    state = load(run / BEST)
    shape = Shape(*state["shape"])
    network.mkdir(parents=True, exist_ok=True)
    write_graph(Speaking(voice_of(state)), network / NETWORK, has_styles=len(shape.styles) > 1)
    facts = _facts(shape) | {"trained": {"size": shape.size, "steps": state["step"]}}
    FolderObjects(network).put(FACTS, json.dumps(facts, ensure_ascii=False, indent=1).encode())


def voice_of(state: dict[str, Any]) -> Voice:
    """Return the network of a state."""
    voice = Voice(config_of(Shape(*state["shape"])))
    voice.load_state_dict(state["network"])
    return voice


def _facts(shape: Shape) -> dict[str, Json]:
    front_end = front_end_with_blank(shape.language)
    return {
        "engine": "vits",
        "sample_rate_hz": shape.sample_rate_hz,
        "languages": [shape.language],
        "emotions": list(shape.styles),
        "parameters": {
            "front_end": front_end.model_dump(mode="json", exclude_defaults=True),
            "hop_seconds": HOP_SAMPLES / shape.sample_rate_hz,
        },
    }


def main() -> int:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a training")
    parser.add_argument("network", type=Path, help="folder of the export")
    chosen = parser.parse_args()

    def run() -> int:
        export(chosen.run, chosen.network)
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
