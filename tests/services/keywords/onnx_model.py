"""A tiny keyword model on onnxruntime, written by hand: a word's score grows with the power in its tone's band."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import SILENCE
from services.keywords.engines.fake import Fake
from tests.shared.store.onnx_models import field

FRAMES, BANDS = Fake.features.shape
_FLOAT, _INT, _INTS = 1, 2, 7
_SILENCE_LOGIT, _UNKNOWN_LOGIT = -9.0, -12.0


def write_model(folder: Path, *, embeddings: bool = True, **changes: object) -> Path:
    """Write model.onnx and a manifest for the store to complete; `changes` replace members of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx_bytes(embeddings=embeddings))
    (folder / "manifest.json").write_text(json.dumps({**facts(), **changes}))
    return folder


def facts() -> dict[str, Any]:
    """Return the manifest's members."""
    return {
        "task": "spoken-keyword",
        "engine": "onnx",
        "licence": "CC0",
        "sample_rate_hz": 16_000,
        "labels": {"keyword": list(Fake.labels)},
        "parameters": {"features": {"kind": "log-mel"}, "thresholds": {"clip": 0.5, "stream": 0.6}},
    }


def onnx_bytes(*, embeddings: bool = True, labels: int = len(Fake.labels)) -> bytes:
    """Return the model: scores = softmax(mean of the frames @ weights + bias); the means are the embeddings."""
    weights, bias = _weights(labels)
    nodes = [
        _node("ReduceMean", ["pictures"], ["embeddings"], _ints("axes", [1]), _int("keepdims", 0)),
        _node("Gemm", ["embeddings", "weights", "bias"], ["logits"]),
        _node("Softmax", ["logits"], ["scores"], _int("axis", 1)),
    ]
    outputs = [("scores", labels), *([("embeddings", BANDS)] if embeddings else [])]
    graph = b"".join(
        [
            *(field(1, node) for node in nodes),
            field(2, "keywords"),
            field(5, _tensor("weights", weights)) + field(5, _tensor("bias", bias)),
            field(11, _value("pictures", ["n", FRAMES, BANDS])),
            *(field(12, _value(name, ["n", width])) for name, width in outputs),
        ]
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def _weights(labels: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    fake = Fake()
    weights, bias = np.zeros((BANDS, labels), np.float32), np.zeros(labels, np.float32)
    words = min(labels, len(fake.labels)) - 2
    weights[fake.bands[:words], np.arange(words)] = 1
    bias[words:] = _UNKNOWN_LOGIT
    bias[Fake.labels.index(SILENCE) : Fake.labels.index(SILENCE) + 1] = _SILENCE_LOGIT
    return weights, bias


def _node(kind: str, inputs: Sequence[str], outputs: Sequence[str], *attributes: bytes) -> bytes:
    names = [*(field(1, name) for name in inputs), *(field(2, name) for name in outputs)]
    return b"".join([*names, field(4, kind), *(field(5, attribute) for attribute in attributes)])


def _int(name: str, value: int) -> bytes:
    return field(1, name) + field(3, value) + field(20, _INT)


def _ints(name: str, values: Sequence[int]) -> bytes:
    return field(1, name) + b"".join(field(8, value) for value in values) + field(20, _INTS)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dimensions = b"".join(field(1, size) for size in values.shape)
    raw = struct.pack(f"<{values.size}f", *values.ravel())
    return dimensions + field(2, _FLOAT) + field(8, name) + field(9, raw)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(field(1, field(1, size) if isinstance(size, int) else field(2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, _FLOAT) + field(2, sizes)))
