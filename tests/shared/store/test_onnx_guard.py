"""ONNX models that reach out of their file, against the guard and against the real runtime."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from shared.problems import ModelCorrupt
from shared.store.onnx_guard import refuse_external_data
from tests.shared.store.onnx_models import external, field, model, tensor, varint

FLOATS = struct.pack("<4f", 1, 2, 3, 4)
GOOD = model(tensor(raw=FLOATS))
BAD_TENSOR = tensor(external("canary.txt"))
SUBGRAPH = field(6, field(5, BAD_TENSOR))


def _run(path_or_bytes: str | bytes) -> bytes:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path_or_bytes, options, providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {"x": np.zeros(4, np.float32)})
    return bytes(result.tobytes())


@pytest.fixture
def check(tmp_path: Path):
    def check(contents: bytes) -> None:
        (tmp_path / "model.onnx").write_bytes(contents)
        refuse_external_data(tmp_path / "model.onnx")

    return check


def test_a_model_in_one_file_passes_and_runs(check) -> None:
    check(GOOD)
    check(model(tensor(field(14, 0), raw=FLOATS)))
    assert _run(GOOD) == FLOATS


def test_the_runtime_alone_reads_the_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check) -> None:
    """The reason for the guard: by path onnxruntime reads neighbours, from bytes the process's working folder."""
    secret = b"secret canary 16"
    (tmp_path / "canary.txt").write_bytes(secret)
    contents = model(BAD_TENSOR)
    (tmp_path / "model.onnx").write_bytes(contents)
    assert _run(str(tmp_path / "model.onnx")) == secret
    monkeypatch.chdir(tmp_path)
    assert _run(contents) == secret
    with pytest.raises(ModelCorrupt):
        check(contents)


@pytest.mark.parametrize(
    "contents",
    [
        model(BAD_TENSOR),
        model(tensor(raw=FLOATS), BAD_TENSOR),
        model(tensor(external("../../../etc/passwd"))),
        model(tensor(field(14, 1), raw=FLOATS)),
        model(tensor(field(13, field(1, "location")), raw=FLOATS)),
        model(tensor(field(14, 0), field(14, 1))),
        model(tensor(varint(14 << 3) + b"\x81\x80\x80\x00")),
        model(tensor(raw=FLOATS), node_fields=field(5, field(5, BAD_TENSOR))),
        model(tensor(raw=FLOATS), node_fields=field(5, field(10, BAD_TENSOR))),
        model(tensor(raw=FLOATS), node_fields=field(5, SUBGRAPH)),
        model(tensor(raw=FLOATS), node_fields=field(5, field(11, field(5, BAD_TENSOR)))),
        model(tensor(raw=FLOATS), node_fields=field(5, field(6, field(1, field(5, SUBGRAPH))))),
        model(tensor(raw=FLOATS), model_fields=field(25, field(7, field(5, field(5, BAD_TENSOR))))),
        model(tensor(raw=FLOATS), model_fields=field(25, field(11, field(5, BAD_TENSOR)))),
        model(tensor(raw=FLOATS), model_fields=field(20, field(1, field(5, BAD_TENSOR)))),
        model(tensor(raw=FLOATS), model_fields=field(7, field(5, BAD_TENSOR))),
        model(tensor(raw=FLOATS), graph_fields=field(15, field(1, tensor(raw=FLOATS)))),
        model(tensor(raw=FLOATS), node_fields=field(5, field(22, field(1, tensor(raw=FLOATS))))),
    ],
)
def test_external_and_sparse_tensors_are_refused_wherever_they_hide(check, contents: bytes) -> None:
    with pytest.raises(ModelCorrupt, match="external or sparse"):
        check(contents)


def test_a_tag_that_protobuf_would_cut_is_refused(check) -> None:
    # With bit 32 set this is no field 5 to a reader of 64 bits, but field 5 to protobuf.
    disguised = varint((1 << 32) | 5 << 3 | 2) + varint(len(BAD_TENSOR)) + BAD_TENSOR
    with pytest.raises(ModelCorrupt):
        check(model(tensor(raw=FLOATS), graph_fields=disguised))


def test_a_cut_model_is_refused_but_at_the_ends_of_its_three_fields(check) -> None:
    passed = []
    for length in range(len(GOOD)):
        with suppress(ModelCorrupt):
            check(GOOD[:length])
            passed.append(length)
    # There it is a sound message; its sha256 is what tells.
    assert passed == [len(field(1, 8)), len(GOOD) - len(field(8, field(1, "") + field(2, 17)))]


@pytest.mark.parametrize(
    "contents", [b"", b"\xff" * 11, b"\x0b", b"\x3a\xff\xff\xff\xff\x7f", b"PK\x03\x04", b"\x80\x04"]
)
def test_what_is_no_model_is_refused(check, contents: bytes) -> None:
    with pytest.raises(ModelCorrupt):
        check(contents)


def test_endless_nesting_is_refused(check) -> None:
    graph = b""
    for _ in range(2000):
        graph = field(1, field(5, field(6, graph)))
    with pytest.raises(ModelCorrupt):
        check(field(7, graph))
