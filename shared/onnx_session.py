"""Exported models on onnxruntime, all opened in the same way."""

from collections.abc import Callable
from typing import Final

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from shared.store import LocalModel

FAULTS: Final = (
    *(state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented),
    *(state.RuntimeException, ValueError),
)
"""How onnxruntime says that a model is none, or not this one; ValueError for inputs that it does not have."""


def open_session(
    model: LocalModel, threads: int, file: str = "model.onnx", edited: Callable[[bytes], bytes] = bytes
) -> onnxruntime.InferenceSession:
    """Open a graph of a model on the CPU; `threads` work at each run. Raises ModelCorrupt, `FAULTS`.

    `edited` may make another graph of the file's.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait would take the cores from the other slots.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # From bytes: the store has seen that they refer to no other file.
    return onnxruntime.InferenceSession(
        edited(model.file(file).read_bytes()), options, providers=["CPUExecutionProvider"]
    )
