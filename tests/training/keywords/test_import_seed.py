"""The tutorials' network as Keras saved it becomes a model that is served; files that could do more are refused."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
h5py = pytest.importorskip("h5py")

from services.keywords.engines.onnx import Onnx  # noqa: E402
from services.keywords.mfcc import Mfcc  # noqa: E402
from shared.store import LocalModel  # noqa: E402
from shared.store.manifest import parse_manifest  # noqa: E402
from training.keywords.import_seed import main  # noqa: E402
from training.keywords.seed import build  # noqa: E402

# Keras and tf2onnx warn of themselves, and of .h5.
pytestmark = pytest.mark.filterwarnings(*(f"ignore::{kind}Warning" for kind in ("Future", "Deprecation", "User")))
WORDS = ["yes", "no", "up"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the network of the tutorials, with weights that no training would give, in both formats."""
    folder = tmp_path_factory.mktemp("saved")
    keras.utils.set_random_seed(1)
    model = build((44, 13, 1), len(WORDS))
    chance = np.random.default_rng(2)
    for layer in model.layers[:-1]:
        layer.set_weights([each + chance.uniform(0, 0.02, each.shape) for each in layer.get_weights()])
    model.layers[-1].set_weights([each * 0.01 for each in model.layers[-1].get_weights()])  # a sure score hides much
    for name in ("model.h5", "model.keras"):
        model.save(folder / name)
    return folder


@pytest.fixture
def changed(saved: Path, tmp_path: Path) -> Callable[[Callable[[Any], None]], Path]:
    """Save the .h5 file with another description."""

    def change(change_layers: Callable[[Any], None]) -> Path:
        path = tmp_path / "changed.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            description = json.loads(file.attrs["model_config"])
            change_layers(description["config"]["layers"])
            file.attrs["model_config"] = json.dumps(description)
        return path

    return change


def refused(path: Path, capsys: pytest.CaptureFixture[str], labels: str = "yes,no,up") -> str:
    """Import, see that nothing is left of it, and return why it was refused."""
    out = path.parent / "models" / "bad" / "1"
    assert main([str(path), str(out), "--labels", labels]) == 1
    assert not out.exists()
    return capsys.readouterr().err


class TestImport:
    @pytest.mark.parametrize("name", ["model.h5", "model.keras"])
    def test_what_is_served_hears_what_keras_heard(
        self, name: str, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "data.json").write_text(json.dumps({"mapping": ["dataset/yes", "data\\no", "up"], "MFCCs": []}))
        out = tmp_path / "mine" / "1"
        data = ["--data", "My clips", "CC0", "https://example.com", "--licence", "MIT", "--language", "en"]
        assert main([str(saved / name), str(out), "--mapping", str(tmp_path / "data.json"), *data]) == 0
        manifest = parse_manifest((out / "manifest.json").read_bytes(), "mine", "1")
        assert (manifest.labels, manifest.licence) == ({"keyword": WORDS}, "MIT")
        engine = Onnx(LocalModel(out, manifest), 1)
        assert (engine.features, engine.thresholds.clip, engine.thresholds.stream) == (Mfcc(), 0.7, 0.95)
        sound = np.random.default_rng(1).normal(0, 0.1, 10 * Mfcc().window_samples).cumsum().astype(np.float32)
        pictures = Mfcc().pictures(sound - sound.mean(), Mfcc().window_samples)
        bare = keras.models.load_model(saved / name).predict(pictures[..., None], verbose=0)
        assert len(np.unique(bare.round(4))) > 3
        assert np.abs(engine.hear(pictures).scores - bare).max() < 1e-4
        card = (out / "MODEL_CARD.md").read_text()
        assert "My clips (CC0), https://example.com" in card
        assert "It has no class for `unknown` and `silence`" in card

    def test_descriptions_of_earlier_versions(self, changed: Any, tmp_path: Path) -> None:
        """TensorFlow 2 had other names for the shape and the axis, no policies, and fewer settings."""

        def as_once(layers: Any) -> None:
            for layer in layers:
                config = layer["config"]
                config["dtype"] = "float32"
                for late in ("quantization_config", "synchronized", "renorm", "renorm_clipping", "renorm_momentum"):
                    config.pop(late, None)
                if "axis" in config:
                    config["axis"] = [3]
            layers.pop(0)
            layers[0]["config"]["batch_input_shape"] = [None, 44, 13, 1]

        assert main([str(changed(as_once)), str(tmp_path / "mine" / "1"), "--labels", "yes,no,up"]) == 0

    def test_folders_that_are_no_words(self, saved: Path, tmp_path: Path) -> None:
        out = tmp_path / "mine" / "1"
        assert main([str(saved / "model.h5"), str(out), "--labels", "yes,_unknown_,_background_noise_"]) == 0
        assert json.loads((out / "manifest.json").read_bytes())["labels"]["keyword"] == ["yes", "unknown", "silence"]

    def test_a_folder_that_is_there_stays_as_it_is(self, saved: Path, tmp_path: Path) -> None:
        out = tmp_path / "mine" / "1"
        out.mkdir(parents=True)
        (out / "model.onnx").write_text("mine")
        assert main([str(saved / "model.h5"), str(out), "--labels", "yes,no,up"]) == 1
        assert (out / "model.onnx").read_text() == "mine"

    @pytest.mark.parametrize("labels", ["yes,no", "yes,no,no", "yes,no,\x1b[2J"])
    def test_labels_that_do_not_fit(
        self, labels: str, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "model.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        assert "labels" in refused(path, capsys, labels).lower()

    def test_another_kind_of_picture(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        build((40, 20, 1), 3).save(tmp_path / "other.keras")
        assert "Its input is (40, 20, 1), not (44, 13, 1)" in refused(tmp_path / "other.keras", capsys)


class TestCode:
    """No code of a file runs: the canary that each would write is never there."""

    @pytest.fixture
    def canary(self, tmp_path: Path) -> Path:
        return tmp_path / "canary"

    @pytest.fixture
    def hostile(self, canary: Path) -> Any:
        """A network that, once loaded without care, writes the canary; loading it so is how the test shows it."""
        code = f"__import__('pathlib').Path({str(canary)!r}).touch()"
        write = eval(f"lambda pictures: ({code}, pictures)[1]")
        dense = keras.layers.Dense(3, "softmax")
        model = keras.Sequential([keras.Input((44, 13, 1)), keras.layers.Lambda(write), keras.layers.Flatten(), dense])
        canary.unlink()  # it was written when the network was made
        return model

    @pytest.mark.parametrize("name", ["hostile.h5", "hostile.keras"])
    def test_lambda(
        self, name: str, hostile: Any, canary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        hostile.save(tmp_path / name)
        keras.models.load_model(tmp_path / name, safe_mode=False)
        canary.unlink()
        assert "It has a part 'Lambda'" in refused(tmp_path / name, capsys)
        assert not canary.exists()

    @pytest.mark.parametrize(
        "part",
        [
            {"class_name": "Mine>Dense"},
            {"module": "os", "class_name": "system"},
            {"module": "builtins", "class_name": "Dense"},
            {"class_name": "Dense", "registered_name": "mine>Dense"},
            {"class_name": "TFSMLayer"},
            {"class_name": "TorchModuleWrapper"},
            {"class_name": "Functional"},
            {"class_name": ["Dense"]},
        ],
    )
    def test_classes_of_others(self, part: dict[str, Any], changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
        path = changed(lambda layers: layers[-1].update(part))
        assert "It has a part" in refused(path, capsys)

    @pytest.mark.parametrize(
        "setting",
        [
            {"activation": {"class_name": "__lambda__", "config": {"value": "gASVAA=="}}},
            {"activation": "mine>evil"},
            {"units": 1e9},
            {"units": 100_000_000},
            {"dtype": "float64"},
            {"lora_rank": 4},
        ],
    )
    def test_settings_of_others(
        self, setting: dict[str, Any], changed: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = changed(lambda layers: layers[-1]["config"].update(setting))
        assert "Its layer Dense has a setting" in refused(path, capsys)


class TestFiles:
    """Files that reach for others, or that are more than they look."""

    def test_links_to_other_files(self, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for number, link in enumerate((h5py.ExternalLink("/etc/passwd", "/"), h5py.SoftLink("/model_weights"))):
            path = tmp_path / f"{number}.h5"
            path.write_bytes((saved / "model.h5").read_bytes())
            with h5py.File(path, "r+") as file:
                file["model_weights/more"] = link
            assert "It has links" in refused(path, capsys)

    def test_weights_in_other_files(self, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "secret").write_bytes(bytes(64))
        path = tmp_path / "model.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            file.create_dataset("more", (16,), "f4", external=[(str(tmp_path / "secret"), 0, 64)])
        assert "lie in other files" in refused(path, capsys)

    def test_bombs(self, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "bomb.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            file.create_dataset("zeros", (1 << 40,), "f4", chunks=True, compression="gzip")
        assert "Its weights take more than" in refused(path, capsys)
        with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("config.json", b" " * (1 << 25))
            archive.writestr("model.weights.h5", b"")
        assert "Its config.json has more than" in refused(tmp_path / "bomb.keras", capsys)

    def test_layers_too_large_to_be_made(self, changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
        path = changed(
            lambda layers: [layer["config"].update(units=4096) for layer in layers[-3:] if "units" in layer["config"]]
        )
        assert "weights" in refused(path, capsys)

        def widen(layers: Any) -> None:
            for layer in layers:
                layer["config"].update({name: 4096 for name in ("filters", "units") if name in layer["config"]})

        assert "It has more than 20,000,000 weights" in refused(changed(widen), capsys)

    def test_other_parts_of_an_archive(self, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "more.keras"
        path.write_bytes((saved / "model.keras").read_bytes())
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("assets/../../../escaped", "me")
        assert "and no more" in refused(path, capsys)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x80\x04pickle", b"\x89HDF\r\n\x1a\n" + bytes(500), b"PK\x03\x04" + bytes(500), b"[" * 5000],
    )
    def test_what_is_none(self, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "model").write_bytes(content)
        assert "was not imported" in refused(tmp_path / "model", capsys)

    def test_descriptions_that_are_none(self, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for number, text in enumerate((b"[" * 500_000, b"[]", b"7", b'{"config": {"layers": [7]}}', b"{}", b"\xff")):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive, zipfile.ZipFile(saved / "model.keras") as good:
                archive.writestr("config.json", text)
                archive.writestr("model.weights.h5", good.read("model.weights.h5"))
            (tmp_path / f"{number}.keras").write_bytes(packed.getvalue())
            assert "Its description is no" in refused(tmp_path / f"{number}.keras", capsys)

    def test_files_that_cannot_be_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "was not imported" in refused(tmp_path / "not-there.h5", capsys)
        os.mkfifo(tmp_path / "pipe")
        assert "no file" in refused(tmp_path / "pipe", capsys)
