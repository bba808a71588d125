"""Write a voice as ONNX, with what the service needs: `python -m training.voices.world.export RUN FOLDER`."""

import argparse
import json
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from training.shared.onnx_files import without_traces
from training.voices.facts import FACTS, NETWORK
from training.voices.prepared import EVALUATION, TRAINING, read_prepared
from training.voices.runs import BEST, load
from training.voices.texts import front_end_of
from training.voices.world.features import HOP_SECONDS, SPECTRUM_SIZE
from training.voices.world.material import Batch, Material, Normal
from training.voices.world.network import Acoustic, Shape, stretched

INPUTS, OUTPUTS = ("input", "style", "prosody"), ("durations", "f0_hz", "spectrum", "aperiodicity")
_MOST_SHARPENED = 1.6
_COMPARED = 40
_LEAST_FRAMES = 1.0


class Served(nn.Module):
    """The network as the service asks it: one sentence, in a style, at a rate, pitch and range of its own."""

    def __init__(self, network: Acoustic, normal: Normal, sharpening: Tensor) -> None:
        super().__init__()
        self.network = network.eval()
        self.register_buffer("mean", normal.mean)
        self.register_buffer("deviation", normal.deviation)
        self.register_buffer("sharpening", sharpening)

    def forward(self, ids: Tensor, style: Tensor, prosody: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return durations (1, symbols), F0 (1, frames), spectrum (1, frames, size), aperiodicity (1, frames, bands).

        Raises RuntimeError where not a single frame is left.
        """
        mask = torch.ones_like(ids)[:, None].float()
        encoded = self.network.encoded(ids, style, mask)
        durations = self._durations(self.network.log_durations(encoded, mask), prosody[0])
        count = durations.sum().item()
        torch._check(count >= 1)
        places, within = stretched(durations, count)
        said = self.network.frames(encoded, places, within, torch.ones_like(places)[:, None].float())
        outputs = said * self.deviation + self.mean
        sharpening = self.sharpening[style]
        spectrum = _sharpened(outputs[:, :, :SPECTRUM_SIZE], sharpening[:, None, :SPECTRUM_SIZE])
        f0 = self._f0(outputs, prosody, sharpening[:, SPECTRUM_SIZE:])
        return durations, f0, spectrum, outputs[:, :, SPECTRUM_SIZE + 2 :]

    def _durations(self, log_durations: Tensor, rate: Tensor) -> Tensor:
        """Return whole frames that end where the unrounded ones do, so that a rate holds for short symbols too."""
        ends = torch.cumsum(torch.expm1(log_durations).clamp(min=0) / rate, 1)
        whole = torch.round(ends).clamp(min=_LEAST_FRAMES).long()
        return torch.diff(whole, dim=1, prepend=torch.zeros_like(whole[:, :1]))

    def _f0(self, outputs: Tensor, prosody: Tensor, sharpening: Tensor) -> Tensor:
        """Return F0, moved by a factor, its movement about the sentence's own mean by another; 0 where unvoiced."""
        log_f0, is_voiced = outputs[:, :, SPECTRUM_SIZE], (outputs[:, :, SPECTRUM_SIZE + 1] > 0).float()
        mean = (log_f0 * is_voiced).sum(1, keepdim=True) / is_voiced.sum(1, keepdim=True).clamp(min=1)
        return torch.exp(mean + (log_f0 - mean) * prosody[2] * sharpening) * prosody[1] * is_voiced


def _sharpened(spectrum: Tensor, sharpening: Tensor) -> Tensor:
    """Give the envelope the variance of real speech, which averages lack (Toda and Tokuda 2007)."""
    mean = spectrum.mean(1, keepdim=True)
    return mean + (spectrum - mean) * sharpening


def export(run: Path, prepared: Path, folder: Path) -> None:
    """Write model.onnx and facts.json. Raises ValueError if onnxruntime says other than torch."""
    state, material = load(run / BEST), read_prepared(prepared, Material)
    network, normal = network_of(state), Normal(*state["normal"])
    served = Served(network, normal, sharpening(network, normal, material))
    folder.mkdir(parents=True, exist_ok=True)
    _write(served, folder / NETWORK)
    _check_parity(served, folder / NETWORK, material)
    (folder / FACTS).write_text(json.dumps(_facts(material), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def network_of(state: dict[str, Any]) -> Acoustic:
    """Return the network of a run's state."""
    network = Acoustic(Shape(*state["shape"]))
    network.load_state_dict(state["network"])
    network.eval()
    return network


def sharpening(network: Acoustic, normal: Normal, material: Material) -> Tensor:
    """Return by how much less than in the recordings envelope and F0 move, (styles, SPECTRUM_SIZE + 1)."""
    spoken = [*material.of(EVALUATION), *material.of(TRAINING)]
    by_style = [[each for each in spoken if each.style == style][:_COMPARED] for style in range(len(material.styles))]
    return torch.stack([_less_moved(network, [material.batch([each], normal) for each in own]) for own in by_style])


def _less_moved(network: Acoustic, batches: Sequence[Batch]) -> Tensor:
    moved = torch.stack([_movements(network, batch) for batch in batches])
    real, said = moved.nanmean(0)
    return (real / said.clamp(min=1e-3)).nan_to_num(1.0).clamp(1.0, _MOST_SHARPENED)


def _movements(network: Acoustic, batch: Batch) -> Tensor:
    """Return the deviations of envelope and F0 in a recording and in what is said, (2, SPECTRUM_SIZE + 1)."""
    with torch.inference_mode():
        said, _ = network(batch)
    is_voiced = batch.targets[0, :, SPECTRUM_SIZE + 1] > 0
    return torch.stack([_deviations(frames[0], is_voiced) for frames in (batch.targets, said)])


def _deviations(frames: Tensor, is_voiced: Tensor) -> Tensor:
    f0 = frames[is_voiced, SPECTRUM_SIZE : SPECTRUM_SIZE + 1]
    return torch.cat([frames[:, :SPECTRUM_SIZE].std(0), f0.std(0)])


def _write(served: Served, path: Path) -> None:
    served.eval()
    symbols = torch.export.Dim("symbols", min=3, max=4096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of torch about its own exporter
        torch.onnx.export(
            served,
            (torch.full((1, 9), 5), torch.zeros(1, dtype=torch.int64), torch.ones(3)),
            path,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=({1: symbols}, None, None),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    onnx.save(without_traces(onnx.load(path)), path)
    onnx.checker.check_model(str(path))


def _check_parity(served: Served, path: Path, material: Material) -> None:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for recording in [*material.of(EVALUATION), *material.of(TRAINING)][:5]:
        asked = (torch.tensor([recording.ids]), torch.tensor([recording.style]), torch.tensor([1.1, 0.9, 1.2]))
        with torch.inference_mode():
            said = served(*asked)
        served_says = session.run(None, {name: part.numpy() for name, part in zip(INPUTS, asked, strict=True)})
        for name, one, other in zip(OUTPUTS, said, served_says, strict=True):
            if one.shape != other.shape or not np.allclose(one.numpy(), other, rtol=1e-3, atol=1e-3):
                raise ValueError(f"{name} of ONNX are not those of torch")


def _facts(material: Material) -> dict[str, Any]:
    return {
        "engine": "world",
        "sample_rate_hz": material.sample_rate_hz,
        "languages": [material.language],
        "emotions": list(material.styles),
        "parameters": {
            "front_end": front_end_of(material.language).model_dump(exclude_defaults=True),
            "hop_seconds": HOP_SECONDS,
        },
    }


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path, help="gets model.onnx and facts.json")
    parser.add_argument("--prepared", type=Path, help="what it learned from (default: RUN/../prepared)")
    wanted = parser.parse_args()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of packages that nothing here needs
    export(wanted.run, wanted.prepared or wanted.run.parent / "prepared", wanted.folder)


if __name__ == "__main__":
    main()
