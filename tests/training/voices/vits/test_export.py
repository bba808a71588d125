"""What is exported of a run equals what torch computes, and speaks in the service."""

import json
from pathlib import Path

import numpy as np
import pytest
from onnxruntime import InferenceSession

torch = pytest.importorskip("torch")
pytest.importorskip("TTS")

from services.tts.engines.vits import Vits  # noqa: E402
from services.tts.front_end import id_sequences, sounds_of_all, spoken_words  # noqa: E402
from services.tts.network import Manner  # noqa: E402
from services.tts.parameters import VoiceParameters  # noqa: E402
from shared.store import ModelStore  # noqa: E402
from shared.store.publish import seal  # noqa: E402
from tests.training.voices.vits.conftest import Run  # noqa: E402
from training.voices.facts import NETWORK, read_facts  # noqa: E402
from training.voices.package import manifest_facts  # noqa: E402
from training.voices.runs import BEST, load  # noqa: E402
from training.voices.terms import Terms, consent_of  # noqa: E402
from training.voices.vits.export import voice_of  # noqa: E402
from training.voices.vits.graph import Speaking, write_graph  # noqa: E402
from training.voices.vits.network import Shape, Voice, config_of  # noqa: E402
from training.voices.vits.settings import HOP_SAMPLES, SIZES  # noqa: E402

pytestmark = pytest.mark.timeout(3000)
TEXT = "We walked home, at last."


@pytest.fixture(scope="module")
def network(run: Path, tmp_path_factory: pytest.TempPathFactory, run_module: Run) -> Path:
    folder = tmp_path_factory.mktemp("network")
    done = run_module("export", run, folder)
    assert done.returncode == 0, done.stderr
    return folder


def assert_equal(voice: Voice, path: Path, style: int | None) -> None:
    """Compare with what Coqui says, without what is drawn at random, for lengths other than the exporter's."""
    graph = InferenceSession(path)
    voice.eval()
    voice.inference_noise_scale = voice.inference_noise_scale_dp = 0.0
    for count, voice.length_scale in ((9, 1.0), (70, 1.4)):
        ids = torch.randint(0, voice.args.num_chars, (1, count), generator=torch.Generator().manual_seed(count))
        scales = np.array([0.0, voice.length_scale, 0.0], np.float32)
        given = {"input": ids.numpy(), "input_lengths": np.array([count]), "scales": scales}
        said = voice.inference(ids, {"speaker_ids": torch.tensor([style or 0])})
        told = graph.run(None, given if style is None else {**given, "sid": np.array([style])})
        np.testing.assert_allclose(told[0], said["model_outputs"].numpy(), atol=1e-3)
        np.testing.assert_array_equal(told[1], said["durations"][:, 0].numpy())
        assert told[0].size == told[1].sum() * HOP_SAMPLES


def test_the_export_equals_torch_in_each_style(run: Path, network: Path) -> None:
    voice = voice_of(load(run / BEST))
    for style in (0, 1):
        assert_equal(voice, network / NETWORK, style)


@pytest.mark.parametrize("size", SIZES)
def test_the_export_of_one_style_is_not_asked_for_it(size: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    voice, exported = (Voice(config_of(Shape(size, 20, ("neutral",), 22_050, "en-us"))) for _ in range(2))
    exported.load_state_dict(voice.state_dict())
    write_graph(Speaking(exported), tmp_path / NETWORK, has_styles=False)
    assert [given.name for given in InferenceSession(tmp_path / NETWORK).get_inputs()] == [
        "input",
        "input_lengths",
        "scales",
    ]
    assert_equal(voice, tmp_path / NETWORK, None)


def test_the_served_engine_speaks_what_was_exported(network: Path, tmp_path: Path) -> None:
    folder = tmp_path / "alice" / "1"
    folder.mkdir(parents=True)
    (folder / NETWORK).write_bytes((network / NETWORK).read_bytes())
    terms = Terms(name="alice", consent=consent_of("Alice", "I agree to this test."))
    facts = read_facts(network)
    seal(folder, "alice", "1", manifest_facts(terms, facts))
    model = ModelStore(str(tmp_path), tmp_path / "cache").fetch("alice")
    engine = Vits(model, threads=1)
    front_end = VoiceParameters.of(model.manifest).front_end
    words = spoken_words(TEXT, "en-us")
    [sequence] = id_sequences(front_end, words, sounds_of_all([words], front_end)[0])
    for way in model.manifest.voices:
        said = engine.speak(sequence.ids, Manner(speaker=way.speaker))
        assert said.seconds_of_ids is not None
        assert said.seconds_of_ids.sum() == pytest.approx(len(said.samples) / engine.sample_rate_hz)
        assert np.abs(said.samples).max() > 0.001
    assert [(way.emotion, way.speaker) for way in model.manifest.voices] == [(None, 0), ("angry", 1)]


def test_symbols_are_those_that_were_learned_with(prepared: Path, network: Path) -> None:
    front_end = VoiceParameters.model_validate(read_facts(network).parameters).front_end
    index = json.loads((prepared / "index.json").read_text())
    texts = [spoken_words(each["text"], "en-us") for each in index["recordings"]]
    for words, sounds, each in zip(texts, sounds_of_all(texts, front_end), index["recordings"], strict=True):
        assert list(id_sequences(front_end, words, sounds)[0].ids) == each["ids"]


def test_a_run_without_an_epoch_is_not_exported(tmp_path: Path, run_module: Run) -> None:
    done = run_module("export", tmp_path, tmp_path / "network")
    assert (done.returncode, "no epoch of this training has ended" in done.stderr) == (1, True)
