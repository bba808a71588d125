"""The torch side of benchmarks/vits.py, run in the training venv: VITS as Coqui speaks with it, on one thread.

    python -m benchmarks.voices_torch NAME/VERSION SIZE

The weights are random: time does not depend on them.
"""

import json
import sys
import time
from pathlib import Path

import torch

from shared.store.publish import seal
from training.voices.facts import NETWORK, Facts
from training.voices.package import manifest_facts
from training.voices.terms import Terms, consent_of
from training.voices.vits.front_end import front_end_with_blank
from training.voices.vits.graph import Speaking, write_graph
from training.voices.vits.network import Shape, Voice, config_of

_RATE_HZ, _LANGUAGE = 22_050, "en-us"


def network(size: str) -> Voice:
    """Return one as Coqui has it when it speaks: without gradients, which its `inference` takes care of."""
    torch.manual_seed(1)
    symbols = len(front_end_with_blank(_LANGUAGE).symbols)
    voice = Voice(config_of(Shape(size, symbols, ("neutral",), _RATE_HZ, _LANGUAGE)))
    voice.eval()
    return voice


def write_model(folder: Path, size: str) -> None:
    """Write the same network as a model of a store, in NAME/VERSION."""
    write_graph(Speaking(network(size)), folder / NETWORK, has_styles=False)
    front_end = front_end_with_blank(_LANGUAGE).model_dump(mode="json", exclude_defaults=True)
    facts = Facts(engine="vits", sample_rate_hz=_RATE_HZ, languages=[_LANGUAGE], parameters={"front_end": front_end})
    terms = Terms(name=folder.parent.name, consent=consent_of("nobody", "these weights are drawn at random"))
    seal(folder, folder.parent.name, folder.name, manifest_facts(terms, facts))


def seconds_for_a_second(voice: Voice, ids: list[int], length_scale: float) -> float:
    """Return the CPU time for each second of sound."""
    voice.length_scale = length_scale
    began = time.process_time()
    sound = voice.inference(torch.tensor([ids]), {"speaker_ids": torch.tensor([0])})["model_outputs"]
    seconds = int(sound.numel()) / _RATE_HZ
    return (time.process_time() - began) / seconds


def main() -> None:
    """Write the model, then answer each line of standard input, {"ids", "length_scale"}, with a number."""
    torch.set_num_threads(1)
    folder, size = sys.argv[1:]
    write_model(Path(folder), size)
    voice = network(size)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{seconds_for_a_second(voice, **json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
