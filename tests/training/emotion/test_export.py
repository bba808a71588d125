"""A small random model says the same in torch and in ONNX, and the file keeps its promises."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from training.emotion.export import export_graph, quantise  # noqa: E402
from training.emotion.model import HEADS, EmotionModel  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Small tensors are faster on one thread, above all on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[EmotionModel, Path]:
    """A two-layer model and the folder of its two graphs."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("graph")
    model = EmotionModel(width=32, layers=2, heads=4, vocabulary=50).eval()
    export_graph(model, folder / "fp32.onnx")
    quantise(folder / "fp32.onnx", folder / "int8.onnx")
    return model, folder


def run(file: Path, ids: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    """Return the outputs of a graph."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(None, {"input_ids": ids, "attention_mask": mask})


@pytest.mark.parametrize("shape", [(1, 3), (5, 11), (2, 64)])
def test_onnx_says_what_torch_says(exported: tuple[EmotionModel, Path], shape: tuple[int, int]) -> None:
    model, folder = exported
    ids = np.random.default_rng(1).integers(1, 50, shape)
    mask = np.ones_like(ids)
    mask[0, shape[1] // 2 + 1 :] = 0
    with torch.no_grad():
        expected = model(torch.from_numpy(ids), torch.from_numpy(mask))
    for found, wanted in zip(run(folder / "fp32.onnx", ids, mask), expected, strict=True):
        np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)


def test_padding_changes_nothing(exported: tuple[EmotionModel, Path]) -> None:
    ids = np.array([[7, 8, 9]])
    padded = np.array([[7, 8, 9, 0, 0, 0]])
    short = run(exported[1] / "fp32.onnx", ids, np.ones_like(ids))
    long = run(exported[1] / "fp32.onnx", padded, (padded > 0).astype(np.int64))
    for found, wanted in zip(long, short, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("kind", ["fp32", "int8"])
def test_file_holds_names_and_no_trace_of_the_machine(exported: tuple[EmotionModel, Path], kind: str) -> None:
    file = exported[1] / f"{kind}.onnx"
    graph = onnx.load(file, load_external_data=False).graph
    assert [value.name for value in graph.input] == ["input_ids", "attention_mask"]
    assert [value.name for value in graph.output] == list(HEADS)
    assert all(tensor.data_location == onnx.TensorProto.DEFAULT for tensor in graph.initializer)
    assert b"model.py" not in file.read_bytes()


def test_int8_stays_near(exported: tuple[EmotionModel, Path]) -> None:
    ids = np.random.default_rng(2).integers(1, 50, (4, 9))
    mask = np.ones_like(ids)
    full, small = (run(exported[1] / f"{kind}.onnx", ids, mask)[0] for kind in ("fp32", "int8"))
    assert np.abs(full - small).max() < 0.1 * np.abs(full).max() + 0.02
