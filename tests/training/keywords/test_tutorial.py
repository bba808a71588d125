"""The JSON file is that of the tutorials."""

import json
from pathlib import Path

import numpy as np

from services.keywords.mfcc import Mfcc
from tests.training.keywords.conftest import Write
from training.keywords.tutorial import write_json
from training.shared.sounds import read_sound
from training.shared.workers import Workers


def written(data: Path, *folders: Path) -> dict[str, list[object]]:
    with Workers(1) as workers:
        count = write_json(folders or [data], data / "data.json", workers)
    content = json.loads((data / "data.json").read_text())
    assert len(content["labels"]) == len(content["MFCCs"]) == len(content["files"]) == count
    return dict(content)


def test_shape(data: Path, write: Write) -> None:
    for file in ("yes/b.wav", "yes/a.flac", "more/bed/c.wav"):
        write(file)
    content = written(data)
    assert content["mapping"] == ["more", "bed", "yes"]
    assert content["labels"] == [1, 2, 2]
    assert content["files"] == [str(data / file) for file in ("more/bed/c.wav", "yes/a.flac", "yes/b.wav")]
    assert np.shape(content["MFCCs"]) == (3, 44, 13)


def test_mfccs_are_those_of_the_first_second(data: Path, write: Write) -> None:
    write("yes/long.wav", 50_000)
    sound = read_sound(data / "yes/long.wav", 22_050, 60)[:22_050]
    np.testing.assert_allclose(written(data)["MFCCs"], Mfcc().pictures(sound), atol=1e-4)


def test_short_and_damaged_clips_are_left_out(data: Path, write: Write) -> None:
    write("yes/short.wav", 15_999)
    write("yes/whole.wav", 16_000)
    write("yes/text.txt.wav", 16_000)
    (data / "yes" / "damaged.wav").write_bytes(b"no sound")
    (data / "yes" / "notes.txt").write_text("no sound")
    assert [Path(str(file)).name for file in written(data)["files"]] == ["text.txt.wav", "whole.wav"]


def test_the_same_word_in_two_folders_is_one(data: Path, write: Write) -> None:
    for file in ("first/no/a.wav", "first/yes/a.wav", "second/yes/b.wav"):
        write(file)
    content = written(data, data / "first", data / "second")
    assert content["mapping"] == ["no", "yes"]
    assert content["labels"] == [0, 1, 1]


def test_a_folder_without_clips(data: Path) -> None:
    assert written(data) == {"mapping": [], "MFCCs": [], "labels": [], "files": []}
