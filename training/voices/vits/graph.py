"""The part of a VITS that speaks, as one ONNX file in the layout that Piper and Coqui export."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from TTS.tts.models.vits import Vits

from training.voices.vits.decoder import PictureDecoder

OPSET = 18
_TRACED_SYMBOLS = 40
INPUTS, STYLE, OUTPUTS = ("input", "input_lengths", "scales"), "sid", ("output", "durations")


class Speaking(nn.Module):
    """What is asked and told: ids (1, n), lengths (1,), scales (3,) of noise, length, noise of durations, style (1,).

    Tells sound (1, 1, samples) and how many frames each id lasts, (1, n).
    """

    def __init__(self, network: Vits) -> None:
        super().__init__()
        self.network = _settled(network)
        self.eval()  # the exporter leaves a module as it was: one that seems to learn, with dropout

    def forward(
        self, ids: Tensor, lengths: Tensor, scales: Tensor, style: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Without a style, a network of one style speaks in it."""
        network = self.network
        network.inference_noise_scale, network.length_scale, network.inference_noise_scale_dp = scales
        if style is None and hasattr(network, "emb_g"):
            style = torch.zeros_like(lengths)
        said = network.inference(ids, {"x_lengths": lengths, "speaker_ids": style})
        return said["model_outputs"], said["durations"][:, 0]


def write_graph(speaking: Speaking, path: Path, *, has_styles: bool) -> None:
    """Write the graph, whole or not at all; a network without styles is not asked for one."""
    given = (
        torch.ones(1, _TRACED_SYMBOLS, dtype=torch.long),
        torch.tensor([_TRACED_SYMBOLS]),
        torch.tensor([0.6, 1.0, 0.8]),
    )
    asked = (*given, torch.tensor([0])) if has_styles else given
    unfinished = path.with_name(f"unfinished.{path.name}")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of the older exporter, which Coqui's network needs, and what it finds constant
        torch.onnx.export(
            speaking,
            asked,
            unfinished,
            input_names=[*INPUTS, *([STYLE] if has_styles else [])],
            output_names=list(OUTPUTS),
            dynamic_axes={"input": {1: "symbols"}, "output": {2: "samples"}, "durations": {1: "symbols"}},
            opset_version=OPSET,
            dynamo=False,
        )
    unfinished.replace(path)


def _settled(network: Vits) -> Vits:
    """Return the network without what only training needs; weights are no longer made of length and direction."""
    network.disc = network.posterior_encoder = None
    for module in network.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    network.waveform_decoder = PictureDecoder(network.waveform_decoder)
    return network
