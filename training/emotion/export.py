"""Write trained weights as ONNX, in fp32 and in int8: `python -m training.emotion.export RUN DATA --base BASE`."""

import argparse
import sys
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.emotion.data import group_members
from training.emotion.model import HEADS, ConsistentModel, EmotionModel
from training.emotion.tokens import build_tokenizer
from training.shared.onnx_files import without_traces


def export_graph(model: nn.Module, file: Path) -> None:
    """Write `model` as fp32 ONNX with free batch and token axes, weights inside the file."""
    # Two tensors: the exporter takes one object passed twice for one input.
    ids, mask = torch.full((2, 7), 2), torch.ones(2, 7, dtype=torch.int64)
    rows, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens", max=512)
    torch.onnx.export(
        model.eval(),
        (ids, mask),
        file,
        input_names=["input_ids", "attention_mask"],
        output_names=list(HEADS),
        dynamic_shapes=({0: rows, 1: tokens}, {0: rows, 1: tokens}),
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    onnx.save(without_traces(onnx.load(file)), file)
    onnx.checker.check_model(str(file))


def quantise(source: Path, target: Path) -> None:
    """Write `source` with int8 weights; activations are quantised as they come.

    Weights keep to 7 bits per channel: AVX2 machines without VNNI saturate when they add pairs of full 8-bit products.
    """
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )


def main() -> None:
    """Read the command line and export one run's weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder that train.py wrote")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/")
    parser.add_argument("--base", type=Path, required=True, help="folder with the base model's tokenizer.json")
    parser.add_argument("--weights", default="final.pt")
    arguments = parser.parse_args()
    model = EmotionModel()
    model.load_state_dict(torch.load(arguments.run / arguments.weights, weights_only=True))
    for kind in ("fp32", "int8"):
        (arguments.run / kind).mkdir(exist_ok=True)
        build_tokenizer(arguments.base).save(str(arguments.run / kind / "tokenizer.json"))
    served = ConsistentModel(model, group_members(arguments.data / "goemotions"))
    export_graph(served, arguments.run / "fp32" / "model.onnx")
    quantise(arguments.run / "fp32" / "model.onnx", arguments.run / "int8" / "model.onnx")
    for file in sorted(arguments.run.glob("*/model.onnx")):
        sys.stdout.write(f"{file} {file.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
