"""A tiny keyword model on onnxruntime, written by hand: a word's score grows with the power in its tone's band."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import SILENCE
from services.keywords.engines.fake import Fake
from tests.onnx_graphs import integer, integers, node, tensor, value
from tests.shared.store.onnx_models import field

FRAMES, BANDS = Fake.features.shape
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
        node("ReduceMean", ["pictures"], ["embeddings"], integers("axes", [1]), integer("keepdims", 0)),
        node("Gemm", ["embeddings", "weights", "bias"], ["logits"]),
        node("Softmax", ["logits"], ["scores"], integer("axis", 1)),
    ]
    outputs = [("scores", labels), *([("embeddings", BANDS)] if embeddings else [])]
    graph = b"".join(
        [
            *(field(1, one) for one in nodes),
            field(2, "keywords"),
            field(5, tensor("weights", weights)) + field(5, tensor("bias", bias)),
            field(11, value("pictures", ["n", FRAMES, BANDS])),
            *(field(12, value(name, ["n", width])) for name, width in outputs),
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
