"""Networks on librosa's mel power, as Keras saved them, are served as they were; what could do more is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

keras = pytest.importorskip("keras")
h5py = pytest.importorskip("h5py")
librosa = pytest.importorskip("librosa")
pytest.importorskip("tf2onnx")

from services.speaker.engine import Heard, Task  # noqa: E402
from services.speaker.engines.mel import Mel  # noqa: E402
from services.speaker.engines.onnx import Onnx  # noqa: E402
from services.speaker.pooling import Evidence, age_of  # noqa: E402
from shared.age_groups import END_YEARS, span_of  # noqa: E402
from shared.store import LocalModel, ModelStore  # noqa: E402
from shared.store.manifest import parse_manifest  # noqa: E402
from shared.store.publish import seal  # noqa: E402
from tests.services.speaker.onnx_model import facts, onnx_bytes  # noqa: E402
from training.speaker.import_keras import main  # noqa: E402
from training.speaker.targets import YEARS  # noqa: E402

# Keras and tf2onnx warn of themselves, and of .h5.
pytestmark = pytest.mark.filterwarnings(*(f"ignore::{kind}Warning" for kind in ("Future", "Deprecation", "User")))
WINDOWS, RATE_HZ = 6, 16_000
GROUPS = list(END_YEARS)
Numbers = NDArray[np.float32]
Import = Callable[..., int]


def network(outputs: int = 1, last: str = "sigmoid", bands: int = 128) -> Any:
    """Return a network of the well-known shape, with weights that leave its scores unsure on our sounds."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    hidden = [layers.Dense(64), layers.Dropout(0.3), layers.Dense(32, "relu"), layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((bands,)), *hidden, layers.Dense(outputs, last)])
    if bands == 128:
        logits = keras.Model(model.inputs, model.layers[-2].output)(powers(sound())) @ model.layers[-1].kernel
        weights, bias = model.layers[-1].get_weights()
        model.layers[-1].set_weights([weights / np.std(logits), bias - np.mean(logits, axis=0) / np.std(logits)])
    return model


def sound() -> Numbers:
    """Return noise, in each window of another colour and loudness, as many windows as there are by test models."""
    chance, cut = np.random.default_rng(1), 160 * 256
    windows = []
    for number in range(WINDOWS):
        noise = chance.normal(0, 1, cut)
        smooth = np.convolve(noise, np.hanning(2 + 4 * number), "same") if number else noise
        windows.append(smooth / np.abs(smooth).max() * chance.uniform(0.3, 0.9))
    return np.asarray(np.concatenate([*windows, np.zeros(1_024 - 256)]), np.float32)


def powers(samples: Numbers) -> Numbers:
    """Return what the authors of such networks compute of each window, [windows, 128]."""
    windows = samples[: WINDOWS * 160 * 256].reshape(WINDOWS, -1)
    heard = [librosa.resample(window, orig_sr=RATE_HZ, target_sr=22_050) for window in windows]
    return np.stack([librosa.feature.melspectrogram(y=each, sr=22_050).mean(axis=1) for each in heard])


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a gender network in both formats."""
    folder = tmp_path_factory.mktemp("saved")
    for name in ("model.h5", "model.keras"):
        network().save(folder / name)
    return folder


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A tiny gender model."""
    folder = tmp_path / "timbre" / "gender" / "1"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(onnx_bytes())
    seal(folder, "gender", "1", facts())
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def import_file(models: Path, speech: Path) -> Import:
    """Import a file, with more options."""

    def imported(path: Path, *more: str) -> int:
        return main([str(path), str(models), "--name", "mine", "--speech-from", str(speech), "--licence", "MIT", *more])

    return imported


@pytest.fixture
def refused(import_file: Import, models: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Import, see that nothing is left of it, and return why it was refused."""

    def why(path: Path, *more: str) -> str:
        assert import_file(path, *more) == 1
        assert not models.exists()
        return capsys.readouterr().err

    return why


def served(models: Path, tmp_path: Path, task: Task = "speaker-gender") -> Mel:
    return Mel(task, ModelStore(str(models), tmp_path / "cache").fetch("mine", "1"), threads=1)


def hear(engine: Mel | Onnx, samples: Numbers) -> Heard:
    frames = engine.cut.features.frames(samples)
    return engine.hear(frames.reshape(WINDOWS, engine.cut.window_frames, -1))


class TestImport:
    @pytest.mark.parametrize("name", ["model.h5", "model.keras"])
    def test_what_is_served_hears_what_keras_heard(
        self, name: str, saved: Path, speech: Path, models: Path, tmp_path: Path, import_file: Import
    ) -> None:
        data = ["--data", "My clips", "CC0", "https://example.com", "--language", "en"]
        assert import_file(saved / name, *data) == 0
        male = keras.models.load_model(saved / name).predict(powers(sound()), verbose=0)[:, 0]
        assert np.ptp(male) > 0.2
        engine = served(models, tmp_path)
        heard = hear(engine, sound())
        np.testing.assert_allclose(1 / (1 + np.exp(heard.voice)), male, atol=2e-3)
        timbre = LocalModel(speech, parse_manifest((speech / "manifest.json").read_bytes(), "gender", "1"))
        plain = hear(Onnx("speaker-gender", timbre, threads=1), sound())
        np.testing.assert_array_equal(heard.speech, plain.speech)
        np.testing.assert_array_equal(heard.several, plain.several)
        assert (engine.licence, engine.noncommercial) == ("MIT AND CC0", False)
        card = (models / "mine" / "1" / "MODEL_CARD.md").read_text()
        assert "My clips (CC0), https://example.com" in card

    def test_descriptions_of_earlier_versions(self, saved: Path, tmp_path: Path, import_file: Import) -> None:
        """TensorFlow 2 had other names for the shape and the axis, no policies, and fewer settings."""
        path = tmp_path / "model.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            description = json.loads(file.attrs["model_config"])
            layers = description["config"]["layers"] = description["config"]["layers"][1:]
            for config in (layer["config"] for layer in layers):
                config["dtype"] = "float32"
                for late in ("quantization_config", "synchronized", "renorm", "renorm_clipping", "renorm_momentum"):
                    config.pop(late, None)
                if "axis" in config:
                    config["axis"] = [1]
            layers[0]["config"]["batch_input_shape"] = [None, 128]
            file.attrs["model_config"] = json.dumps(description)
        assert import_file(path) == 0

    def test_sure_scores_are_weighed_still(
        self, saved: Path, models: Path, tmp_path: Path, import_file: Import
    ) -> None:
        """Where float32 leaves only 0 and 1 of a sigmoid, windows would count alike."""
        sure = keras.models.load_model(saved / "model.keras")
        sure.layers[-1].set_weights([each * 500 for each in sure.layers[-1].get_weights()])
        sure.save(tmp_path / "sure.keras")
        assert import_file(tmp_path / "sure.keras") == 0
        voice = hear(served(models, tmp_path), sound()).voice
        assert np.isfinite(voice).all()
        assert len(np.unique(voice)) == WINDOWS

    @pytest.mark.parametrize("labels", ["female,male", "male,female", "female"])
    def test_other_orders_of_the_genders(self, labels: str, models: Path, tmp_path: Path, import_file: Import) -> None:
        names = labels.split(",")
        other = network(len(names), "softmax" if len(names) > 1 else "sigmoid")
        other.save(tmp_path / "model.keras")
        assert import_file(tmp_path / "model.keras", "--labels", labels) == 0
        female = other.predict(powers(sound()), verbose=0)[:, names.index("female")]
        heard = hear(served(models, tmp_path), sound())
        np.testing.assert_allclose(1 / (1 + np.exp(-heard.voice)), female, atol=2e-3)

    def test_age_groups_become_years(self, models: Path, tmp_path: Path, import_file: Import) -> None:
        groups = GROUPS[::-1]
        other = network(len(groups), "softmax")
        other.save(tmp_path / "age.keras")
        assert import_file(tmp_path / "age.keras", "--labels", ",".join(groups)) == 0
        engine = served(models, tmp_path, "speaker-age")
        heard = hear(engine, sound())
        np.testing.assert_allclose(heard.voice.sum(axis=1), 1, atol=1e-5)
        said = other.predict(powers(sound()), verbose=0)
        for group, share in zip(groups, said.T, strict=True):
            first, end = span_of(group) or (0, 0)
            within = heard.voice[:, (first <= YEARS) & (end > YEARS)].sum(axis=1)
            np.testing.assert_allclose(within, share, atol=2e-3)
        evidence = Evidence(np.full(WINDOWS, 2.0), heard.several * 0, heard.voice)
        assert age_of(evidence, engine.calibration).reason is None

    @pytest.mark.parametrize(
        ("terms", "speech_licence"),
        [(["--noncommercial"], "CC0"), (["--licence", "CC BY-NC 4.0"], "CC0"), ([], "CC BY-NC-SA 4.0")],
    )
    def test_what_is_not_free_stays_so(
        self, terms: list[str], speech_licence: str, saved: Path, speech: Path, models: Path, import_file: Import
    ) -> None:
        (speech / "manifest.json").unlink()
        seal(speech, "gender", "1", {**facts(), "licence": speech_licence, "noncommercial": "NC" in speech_licence})
        assert import_file(saved / "model.h5", *terms) == 0
        manifest = json.loads((models / "mine" / "1" / "manifest.json").read_bytes())
        assert manifest["noncommercial"]
        assert manifest["licence"].endswith(f"AND {speech_licence}")

    def test_versions_never_change(self, saved: Path, models: Path, import_file: Import) -> None:
        assert import_file(saved / "model.h5") == 0
        before = {path.name: path.read_bytes() for path in (models / "mine" / "1").iterdir()}
        assert import_file(saved / "model.h5", "--licence", "BSD") == 1
        assert {path.name: path.read_bytes() for path in (models / "mine" / "1").iterdir()} == before


class TestRefusal:
    @pytest.mark.parametrize("name", ["hostile.h5", "hostile.keras"])
    def test_lambda(self, name: str, tmp_path: Path, refused: Callable[..., str]) -> None:
        """The canary is written when such a file is loaded without care, which is how the test shows it."""
        canary = tmp_path / "canary"
        write = eval(f"lambda power: (__import__('pathlib').Path({str(canary)!r}).touch(), power)[1]")
        layers = [keras.Input((128,)), keras.layers.Lambda(write), keras.layers.Dense(1, "sigmoid")]
        keras.Sequential(layers).save(tmp_path / name)
        canary.unlink()
        keras.models.load_model(tmp_path / name, safe_mode=False)
        canary.unlink()
        assert "It has a part 'Lambda'" in refused(tmp_path / name)
        assert not canary.exists()

    @pytest.mark.parametrize("name", ["model.h5", "model.keras"])
    def test_damaged_files(self, name: str, saved: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
        whole = (saved / name).read_bytes()
        for share in (0.01, 0.5, 0.98):
            (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
            assert "was not imported" in refused(tmp_path / name)

    @pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"PK\x03\x04" + bytes(500), None])
    def test_what_is_no_network(self, content: bytes | None, tmp_path: Path, refused: Callable[..., str]) -> None:
        if content is not None:
            (tmp_path / "model").write_bytes(content)
        assert "was not imported" in refused(tmp_path / "model")

    def test_weights_of_other_files(self, saved: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
        path = tmp_path / "model.h5"
        path.write_bytes((saved / "model.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            file["model_weights/more"] = h5py.ExternalLink("/etc/passwd", "/")
        assert "It has links" in refused(path)

    def test_numbers_that_are_none(self, saved: Path, tmp_path: Path, refused: Callable[..., str]) -> None:
        broken = keras.models.load_model(saved / "model.h5")
        broken.layers[-1].set_weights([each * np.nan for each in broken.layers[-1].get_weights()])
        broken.save(tmp_path / "model.h5")
        assert "As ONNX it does not say what it says in Keras" in refused(tmp_path / "model.h5")

    @pytest.mark.parametrize(
        ("shape", "labels", "fault"),
        [
            ({"bands": 40}, "male", "Its input is (40,), not (128,)"),
            ({"outputs": 2, "last": "softmax"}, "male", "Its output is (2,), not (1,)"),
            ({"last": "linear"}, "male", "Its last layer has linear, no sigmoid"),
            ({"outputs": 2}, "female,male", "Its last layer has sigmoid, no softmax"),
            ({"outputs": 3, "last": "softmax"}, "teens,twenties", "Its output is (3,), not (2,)"),
        ],
    )
    def test_other_networks(
        self, shape: dict[str, Any], labels: str, fault: str, tmp_path: Path, refused: Callable[..., str]
    ) -> None:
        network(**shape).save(tmp_path / "model.keras")
        assert fault in refused(tmp_path / "model.keras", "--labels", labels)

    @pytest.mark.parametrize(
        "labels", ["", "teens", "teens,teens", "male,male", "male,teens", "20,30", "female,male,x"]
    )
    def test_labels_that_are_none(self, labels: str, saved: Path, refused: Callable[..., str]) -> None:
        assert "Labels are" in refused(saved / "model.h5", "--labels", labels)

    @pytest.mark.parametrize("name", ["../mine", "Mine", ""])
    def test_names_that_lead_elsewhere(self, name: str, saved: Path, refused: Callable[..., str]) -> None:
        assert "A model has 1 to 64" in refused(saved / "model.h5", "--name", name)

    def test_speech_models_that_are_none(self, saved: Path, speech: Path, refused: Callable[..., str]) -> None:
        (speech / "model.onnx").write_bytes(onnx_bytes() + b"\0")
        assert "model.onnx has" in refused(saved / "model.h5")
        (speech / "manifest.json").unlink()
        assert "was not imported" in refused(saved / "model.h5")
        (speech / "model.onnx").write_bytes(onnx_bytes("speaker-age"))
        seal(speech, "gender", "1", facts("speaker-age"))
        assert "is for the task speaker-age" in refused(saved / "model.h5")
