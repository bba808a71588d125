"""A voice is judged as it would be served, beside recordings: here flite's, which anybody's engine may be judged by."""

import asyncio
import json
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("librosa")
pytest.importorskip("resemblyzer")

from services.tts.engines.flite import Flite
from services.tts.front_end import spoken_words
from services.tts.speech import Utterance
from shared.problems import InvalidInput
from tests.services.tts.voice_model import front_end, world_bytes
from training.voices.corpus import open_corpus
from training.voices.evaluate.__main__ import evaluate, is_judged
from training.voices.evaluate.figures import Figures, read_figures
from training.voices.evaluate.folder import documents
from training.voices.evaluate.hearing import word_error_rate

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]
TEXTS = tuple(f"{number} people were waiting at the station." for number in ("Two", "Three", "Seven", "Nine", "Ten"))
FASTER = {"neutral": 1.0, "angry": 1.25}
HIGHER = {"neutral": 1.0, "angry": 1.3}


async def write_recordings(folder: Path) -> None:
    """Write each text as flite says it, in a folder for each emotion."""
    engine = Flite(slots=2)
    await engine.start()
    for emotion in FASTER:
        (folder / emotion / "wavs").mkdir(parents=True)
        rows = []
        for number, text in enumerate(TEXTS):
            words = spoken_words(text, "en-us")
            asked = Utterance(words, "slt", "en-us", rate=FASTER[emotion], pitch=HIGHER[emotion])
            speech = await engine.speak(asked)
            soundfile.write(folder / emotion / "wavs" / f"{number}.wav", speech.samples, speech.sample_rate_hz)
            rows.append(f"{number}|{text}|{text}\n")
        (folder / emotion / "metadata.csv").write_text("".join(rows))
    await engine.close()


def write_network(folder: Path) -> Path:
    """Write a network of two emotions, the second of which is half as high again."""
    folder.mkdir()
    (folder / "model.onnx").write_bytes(world_bytes())
    facts = {
        "engine": "world",
        "sample_rate_hz": 16_000,
        "languages": ["en-us"],
        "emotions": ["neutral", "angry"],
        "parameters": {"front_end": front_end(), "hop_seconds": 0.01},
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return folder


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `recordings`, `network`, `run` and the `evaluation` of these."""
    folder = tmp_path_factory.mktemp("judged")
    asyncio.run(write_recordings(folder / "recordings"))
    (folder / "run").mkdir()
    rows = [{"epoch": number, "training_total": 5.0 - number, "total": 6.0 - number} for number in (1, 2)]
    (folder / "run" / "history.jsonl").write_text("\n".join(map(json.dumps, rows)))
    corpus = open_corpus(str(folder / "recordings"), folder / "copies")
    evaluate(corpus, write_network(folder / "network"), folder / "evaluation", folder / "run")
    return folder


@pytest.fixture(scope="module")
def figures(judged: Path) -> Figures:
    return read_figures(judged / "evaluation")


class TestFigures:
    def test_are_of_the_recordings_that_are_held_out(self, figures: Figures) -> None:
        assert (figures.held_out, figures.compared) == (2, 2)

    def test_tell_that_the_recordings_are_understood_and_this_voice_is_not(self, figures: Figures) -> None:
        assert figures.recordings_word_error_rate is not None
        assert figures.word_error_rate is not None
        assert figures.recordings_word_error_rate < 0.6 < figures.word_error_rate

    def test_tell_that_this_voice_is_another(self, figures: Figures) -> None:
        assert figures.mel_cepstral_distance_db
        assert figures.mel_cepstral_distance_db > 3
        assert figures.real_time_factor < 5

    def test_tell_what_an_emotion_changes(self, figures: Figures) -> None:
        angry = figures.emotions["angry"]
        assert angry.recordings.f0_semitones == pytest.approx(4.5, abs=1.5)
        assert angry.recordings.rate_ratio == pytest.approx(1.25, abs=0.12)
        assert angry.voice.f0_semitones == pytest.approx(7.0, abs=0.5)
        assert angry.voice.rate_ratio == pytest.approx(1.0, abs=0.02)

    def test_are_metrics_of_a_manifest(self, figures: Figures) -> None:
        metrics = figures.metrics()
        assert metrics["held_out"] == 2
        assert "network_sha256" not in metrics
        assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


class TestDocuments:
    def test_are_pictures_and_short_sounds(self, judged: Path) -> None:
        names = list(documents(judged / "evaluation"))
        pictures = ["spectrograms.png", "f0.png", "emotions.png", "training.png"]
        assert names == [*pictures, "samples/1-angry.ogg", "samples/2-neutral.ogg"] or names == [
            *pictures,
            "samples/1-neutral.ogg",
            "samples/2-angry.ogg",
        ]
        for name in pictures:
            assert (judged / "evaluation" / name).read_bytes().startswith(b"\x89PNG")
        sound, rate_hz = soundfile.read(judged / "evaluation" / names[-1])
        assert rate_hz == 16_000
        assert len(sound) > rate_hz / 2

    def test_of_another_network_are_made_anew(self, judged: Path, tmp_path: Path) -> None:
        assert is_judged(judged / "network", judged / "evaluation")
        other = write_network(tmp_path / "other")
        (other / "model.onnx").write_bytes(world_bytes(seconds=0.02))
        assert not is_judged(other, judged / "evaluation")
        assert not is_judged(judged / "network", tmp_path)


def test_nothing_held_out_is_told(judged: Path, tmp_path: Path) -> None:
    corpus = open_corpus(str(judged / "recordings"), tmp_path)
    (first, *_) = corpus.recordings
    with pytest.raises(InvalidInput, match="No recordings are held out"):
        evaluate(type(corpus)((first,), corpus.folder), judged / "network", tmp_path / "evaluation", None)


def test_words_are_compared_however_they_are_written(judged: Path) -> None:
    recording = open_corpus(str(judged / "recordings"), judged / "copies").recordings[0]
    samples, _ = soundfile.read(recording.sound, dtype="float32")
    assert word_error_rate(["TWO people, were waiting -- at the station!"], [samples]) == word_error_rate(
        ["two people were waiting at the station"], [samples]
    )
