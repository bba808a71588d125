"""Speech in any amount: sentences that nobody wrote, as LJSpeech lays recordings out."""

import re
from itertools import islice
from pathlib import Path
from random import Random

import soundfile

from tests.training.voices.spoken_corpus import speak_corpus
from training.voices.corpus import open_corpus
from training.voices.demo.sentences import dictionary_words, sentences
from training.voices.demo.teacher import DICTIONARY


def test_sentences_are_whole_and_all_different() -> None:
    words = dictionary_words(DICTIONARY)
    made = list(islice(sentences(Random(1), words), 2_000))
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[A-Z\"].*[.?!]\"?", sentence) for sentence in made)
    assert not any("{" in sentence for sentence in made)
    assert made == list(islice(sentences(Random(1), words), 2_000))


def test_words_of_a_dictionary_are_plain(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("abbey AE B IY\nabbey(2) AE B IY\n'em AH M\na AH\nmr. M IH S T ER\n")
    assert dictionary_words(tmp_path / "words") == ["abbey"]


def test_what_is_spoken_can_be_trained_on(tmp_path: Path) -> None:
    folder = speak_corpus(tmp_path, minutes=0.2)
    corpus = open_corpus(str(folder), tmp_path)
    seconds = sum(soundfile.info(recording.sound).duration for recording in corpus.recordings)
    assert seconds >= 12
    assert all(recording.text for recording in corpus.recordings)
