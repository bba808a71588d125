"""A folder that Coqui left becomes a voice that says the same, or is refused in words."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime import InferenceSession

torch = pytest.importorskip("torch")
pytest.importorskip("TTS")

from TTS.tts.configs.vits_config import VitsArgs, VitsConfig  # noqa: E402
from TTS.tts.models.vits import Vits as CoquiVits  # noqa: E402

from services.tts.coqui.model import read_coqui  # noqa: E402
from services.tts.engines.vits import Vits  # noqa: E402
from services.tts.front_end import id_sequences, sounds_of_all, spoken_words  # noqa: E402
from services.tts.network import Manner  # noqa: E402
from services.tts.parameters import VoiceParameters  # noqa: E402
from shared.problems import InvalidInput  # noqa: E402
from shared.store import LocalModel, ModelStore  # noqa: E402
from tests.services.tts.coqui.folders import ESPEAK, LETTERS  # noqa: E402
from training.voices.terms import Terms, consent_of  # noqa: E402
from training.voices.vits.import_coqui import import_coqui  # noqa: E402
from training.voices.vits.network import sizes_of  # noqa: E402

pytestmark = pytest.mark.timeout(1200)
TERMS = Terms(name="alice", consent=consent_of("Alice", "I agree to this test."))
TEXT = "we walked home at last"
Change = Callable[[dict[str, Any]], object]


def coqui(**changes: Any) -> CoquiVits:
    torch.manual_seed(1)
    inner = VitsArgs(**sizes_of("small"), **changes.pop("inner", {}))
    return CoquiVits(VitsConfig(model_args=inner, text_cleaner="basic_cleaners", **changes))


def write(voice: CoquiVits, folder: Path, change: Change = lambda told: None) -> Path:
    """Lay a network out as Coqui's trainer does."""
    told = voice.config.to_dict()
    change(told)
    (folder / "config.json").write_text(json.dumps(told))
    torch.save({"model": voice.state_dict(), "config": told, "step": 3}, folder / "best_model.pth")
    return folder


def imported(folder: Path, store: Path, speaker: str | None = None) -> LocalModel:
    models = ModelStore(str(store), store.with_name("cache"))
    assert import_coqui(folder, TERMS, speaker, models, None) == "1"
    return models.fetch("alice")


def assert_says_the_same(model: LocalModel, voice: CoquiVits, text: str, speaker: int | None = None) -> None:
    """Compare ids and sounds with Coqui's own, without what is drawn at random."""
    front_end = VoiceParameters.of(model.manifest).front_end
    words = spoken_words(text, "en-us")
    [sequence] = id_sequences(front_end, words, sounds_of_all([words], front_end)[0])
    assert list(sequence.ids) == voice.tokenizer.text_to_ids(text)
    voice.eval()
    voice.inference_noise_scale = voice.inference_noise_scale_dp = 0.0
    style = None if speaker is None else torch.tensor([speaker])
    expected = voice.inference(torch.tensor([sequence.ids]), {"speaker_ids": style})["model_outputs"]
    given = {"input": [sequence.ids], "input_lengths": [len(sequence.ids)], "sid": [speaker or 0]}
    graph = InferenceSession(model.file("model.onnx"))
    names = {each.name for each in graph.get_inputs()}
    asked = {name: np.array(value, np.int64) for name, value in given.items() if name in names}
    sound = graph.run(None, asked | {"scales": np.array([0, 1, 0], np.float32)})[0]
    np.testing.assert_allclose(sound, expected.numpy(), atol=1e-3)


@pytest.mark.parametrize(
    "layout",
    [{}, {"add_blank": False}, {"enable_eos_bos_chars": True}, {"enable_eos_bos_chars": True, "add_blank": False}],
)
def test_a_voice_of_letters_says_what_it_said(layout: dict[str, bool], tmp_path: Path) -> None:
    voice = coqui(characters=LETTERS, **layout)
    model = imported(write(voice, tmp_path), tmp_path / "models")
    assert_says_the_same(model, voice, TEXT)
    assert [way.speaker for way in model.manifest.voices] == [None]


def test_the_usual_voice_of_sounds_is_spoken_by_the_service(tmp_path: Path) -> None:
    voice = coqui()
    voice.config.update(ESPEAK)
    model = imported(write(voice, tmp_path), tmp_path / "models")
    parameters = VoiceParameters.of(model.manifest)
    assert (parameters.front_end.phonemizer, parameters.front_end.blank_ends) == ("espeak", True)
    words = spoken_words("We walked home, at last.", "en-us")
    [sequence] = id_sequences(parameters.front_end, words, sounds_of_all([words], parameters.front_end)[0])
    said = Vits(model, threads=1).speak(sequence.ids, Manner())
    assert len(said.samples) > 1000
    assert said.seconds_of_ids is not None
    assert model.manifest.consent is not None
    assert model.manifest.consent.speaker == "Alice"


def test_of_several_speakers_one_is_chosen(tmp_path: Path) -> None:
    voice = coqui(inner={"use_speaker_embedding": True}, use_speaker_embedding=True, speakers=["ann", "bob"])
    write(voice, tmp_path)
    with pytest.raises(InvalidInput, match=r"2 speakers; choose one.*'ann', 'bob'"):
        imported(tmp_path, tmp_path / "models")
    model = imported(tmp_path, tmp_path / "models", "bob")
    assert [way.speaker for way in model.manifest.voices] == [1]
    assert_says_the_same(model, voice, TEXT, 1)


def test_names_of_speakers_are_read_from_their_file(tmp_path: Path) -> None:
    voice = coqui(inner={"use_speaker_embedding": True}, use_speaker_embedding=True, speakers=["angry", "neutral"])
    write(voice, tmp_path, lambda told: told.update(speakers=[]))
    torch.save({"angry": 1, "neutral": 0}, tmp_path / "speakers.pth")
    assert read_coqui(tmp_path).speakers == {"neutral": 0, "angry": 1}
    ways = imported(tmp_path, tmp_path / "models").manifest.voices
    assert [(way.emotion, way.speaker) for way in ways] == [(None, 0), ("angry", 1)]


def inner(**changes: Any) -> Change:
    return lambda told: told["model_args"].update(changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told.update(model="os"), "none of the networks that are known: vits, "),
        (lambda told: told.update(use_phonemes=True, phonemizer="gruut"), "told by gruut"),
        (lambda told: told["characters"].update(characters_class="os.system"), "none of Coqui's own three ways"),
        (lambda told: told.update(audio=7), "none that Coqui's vits has"),
        (inner(use_d_vector_file=True), "vector of a speaker"),
        (inner(use_language_embedding=True), "several languages"),
        (inner(hidden_channels=1 << 20), "not those of the network"),
        (inner(num_layers_flow=3), "not those of the network"),
        (inner(inference_noise_scale="loud"), "none that Coqui's vits has"),
        (inner(inference_noise_scale=77.0), "cannot be used here"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_words(change: Change, said: str, tmp_path: Path) -> None:
    write(coqui(), tmp_path, change)
    with pytest.raises(InvalidInput, match=said):
        read_coqui(tmp_path)


def test_no_other_network_is_imported(tmp_path: Path) -> None:
    write(coqui(), tmp_path, lambda told: told.update(model="tacotron2"))
    with pytest.raises(InvalidInput, match="another network than VITS"):
        imported(tmp_path, tmp_path / "models")


class Code:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch was-run",)


@pytest.mark.parametrize("data", [b"", b"nothing", pickle.dumps({"model": Code()})])
def test_no_code_of_weights_is_run(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(coqui(), tmp_path)
    (tmp_path / "best_model.pth").write_bytes(data)
    with pytest.raises(InvalidInput, match="damaged, or holds more than weights"):
        read_coqui(tmp_path)
    torch.save({"model": Code()}, tmp_path / "best_model.pth")
    with pytest.raises(InvalidInput, match="damaged, or holds more than weights"):
        read_coqui(tmp_path)
    assert not (tmp_path / "was-run").exists()


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no config\.json"):
        read_coqui(tmp_path)
    voice = coqui()
    write(voice, tmp_path)
    (tmp_path / "best_model.pth").unlink()
    with pytest.raises(InvalidInput, match="0 files of weights"):
        read_coqui(tmp_path)
