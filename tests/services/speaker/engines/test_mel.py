"""A network on mean mel power beside a Timbre model that knows speech: its features, what it hears, broken ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.speaker.engines.mel import Mel
from services.speaker.engines.onnx import Onnx
from services.speaker.features import VoiceFeatures
from services.speaker.mel import VoiceAndSound, apart
from services.speaker.windows import Cutter
from shared.problems import ModelCorrupt
from shared.store import ModelStore
from tests.onnx_graphs import node, tensor, value
from tests.services.speaker.onnx_model import MAN_HZ, WOMAN_HZ, facts, onnx_bytes, tone
from tests.shared.store.onnx_models import field


def mel_bytes(bands: int = 128) -> bytes:
    """Return a graph whose logit is the power in the upper bands less that in the lowest sixteen."""
    weights = np.full((bands, 1), 1.0, np.float32)
    weights[:16] = -1
    nodes = [node("MatMul", ["power", "weights"], ["column"]), node("Reshape", ["column", "one"], ["gender"])]
    graph = b"".join(
        [
            *(field(1, one) for one in nodes),
            field(2, "mel"),
            field(5, tensor("weights", weights)),
            field(5, tensor("one", np.array([-1]))),
            field(11, value("power", ["n", bands])),
            field(12, value("gender", ["n"])),
        ]
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def publish(store: ModelStore, folder: Path, version: str = "2", **parameters: Any) -> None:
    folder.mkdir()
    (folder / "model.onnx").write_bytes(mel_bytes())
    (folder / "speech.onnx").write_bytes(onnx_bytes())
    said = facts()
    members = {**said, "engine": "mel", "parameters": {**said["parameters"], "mel": {}, **parameters}}
    store.publish(folder, "gender", version, members)


def test_it_hears_gender_by_its_own_network_and_speech_by_the_other(tmp_path: Path, store: ModelStore) -> None:
    publish(store, tmp_path / "mel")
    engine, other = (
        kind("speaker-gender", store.fetch("gender", version), threads=1) for kind, version in ((Mel, "2"), (Onnx, "1"))
    )
    for hz, is_woman in ((WOMAN_HZ, True), (MAN_HZ, False)):
        heard, plain = (_heard(each, hz) for each in (engine, other))
        assert ((heard.voice > 0) == is_woman).all()
        np.testing.assert_allclose(heard.speech, plain.speech, atol=1e-6)
        np.testing.assert_allclose(heard.several, plain.several, atol=1e-6)


def _heard(engine: Any, hz: float) -> Any:
    cutter = Cutter(engine.cut)
    assert not list(cutter.feed(tone(hz).samples))
    return engine.hear(cutter.finish().frames)


def test_the_sound_of_a_window_comes_back_whole() -> None:
    features, sound = VoiceAndSound(), np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
    frames = features.frames(sound)
    plain, back = apart(frames[None], features.step_samples)
    np.testing.assert_array_equal(plain[0], VoiceFeatures().frames(sound))
    np.testing.assert_array_equal(back[0], sound[: back.shape[1]])
    assert features.frames(sound[:100]).shape == (0, features.bins)


@pytest.mark.parametrize("mel", [{"bands": 64}, {"bands": 0}, {"hop_samples": 0}, {"sample_rate_hz": 1}, {"x": 1}])
def test_manifests_that_do_not_fit(tmp_path: Path, store: ModelStore, mel: dict[str, int]) -> None:
    publish(store, tmp_path / "mel", mel=mel)
    with pytest.raises(ModelCorrupt):
        Mel("speaker-gender", store.fetch("gender", "2"), threads=1)
