"""The tutorials' CNN learns from prepared clips, and is kept in both of Keras's formats."""

import json
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from training.keywords.seed import build, train_seed  # noqa: E402
from training.keywords.seed_clips import read_part  # noqa: E402

SPLITS = ("train", "train", "train", "validation", "test")
TONES_HZ = {"yes": 400, "no": 1_600, "_silence_": 0, "bed": 800}
LABELS = ("yes", "no", "unknown", "silence")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """Eighty clips of four tones, for words."""
    chance = np.random.default_rng(1)
    seconds = np.arange(16_000) / 16_000
    rows, clips = ["file,word,speaker,split"], []
    for number in range(80):
        word = list(TONES_HZ)[number % 4]
        tone = 5_000 * np.sin(2 * np.pi * TONES_HZ[word] * seconds) + chance.normal(0, 50, 16_000)
        clips.append(tone.astype(np.int16))
        rows.append(f"{word}/{number}.wav,{word},{number},{SPLITS[number // 4 % 5]}")
    np.save(tmp_path / "clips.npy", np.stack(clips))
    (tmp_path / "clips.csv").write_text("\n".join(rows))
    return tmp_path


def test_parts_hold_the_clips_of_their_split(prepared: Path) -> None:
    part = read_part(prepared, "test", LABELS)
    assert part.pictures.shape == (16, 44, 13, 1)
    assert part.targets.tolist() == [0, 1, 3, 2] * 4
    assert len(read_part(prepared, "none", LABELS)) == 0


def test_network_is_that_of_the_tutorials() -> None:
    model = build((44, 13, 1), 12)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Conv2D", "BatchNormalization", "MaxPooling2D"] * 3 + ["Flatten", "Dense", "Dropout", "Dense"]
    assert model.output_shape == (None, 12)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, while it saves
def test_network_is_saved_twice_with_its_labels_and_accuracies(prepared: Path, tmp_path: Path) -> None:
    accuracies = train_seed(prepared, tmp_path / "out", words=("yes", "no"), epochs=1)
    assert set(accuracies) == {"train", "validation", "test"}
    assert json.loads((tmp_path / "out" / "labels.json").read_text()) == {"mapping": list(LABELS)}
    assert json.loads((tmp_path / "out" / "seed.json").read_text()) == accuracies
    part = read_part(prepared, "test", LABELS)
    saved = (keras.models.load_model(tmp_path / "out" / name, compile=False) for name in ("model.h5", "model.keras"))
    scores = [model.predict(part.pictures, verbose=0) for model in saved]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)
    assert (scores[0].argmax(axis=1) == part.targets).mean() == accuracies["test"]
