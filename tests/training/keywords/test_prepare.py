"""A folder of recordings becomes what training reads, as a whole or not at all, in bounded memory."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.keywords.conftest import RATE_HZ, Write
from training.keywords.prepare import prepare
from training.keywords.splits import split_of
from training.shared.workers import Workers


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    parts = [sys.executable, "-m", "training.keywords.prepare", *map(str, arguments)]
    return subprocess.run(parts, capture_output=True, text=True, check=False)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "prepared" / "words"


def prepared(data: Path, out: Path, *speech: Path, processes: int = 1) -> dict[str, object]:
    with Workers(processes) as workers:
        return prepare([data], speech, out, workers)


class TestClips:
    """A row a clip."""

    def test_rows_and_table_belong_together(self, data: Path, write: Write, out: Path) -> None:
        clips = [
            (f"{word}/s{number}_nohash_0.wav", word, f"s{number}") for word in ("no", "yes") for number in range(5)
        ]
        written = [write(file) for file, _, _ in clips]
        prepared(data, out)
        np.testing.assert_array_equal(np.load(out / "clips.npy"), np.stack(written))
        assert [tuple(row.values()) for row in table(out / "clips.csv")] == [
            (file, word, speaker, split_of(speaker)) for file, word, speaker in clips
        ]

    def test_what_is_wrong_is_mended_or_left_out_and_counted(self, data: Path, write: Write, out: Path) -> None:
        short, whole, last = write("yes/a.wav", 10_000), write("yes/c.wav"), write("yes/f.wav")
        write("yes/b.wav", level=3)
        write("yes/e.wav", 40_000)
        write("_silence_/quiet.wav", level=3)
        (data / "yes" / "d.wav").write_bytes(b"no sound")
        summary = prepared(data, out)
        assert [row["file"] for row in table(out / "clips.csv")] == [
            "_silence_/quiet.wav", "yes/a.wav", "yes/c.wav", "yes/e.wav", "yes/f.wav",
        ]  # fmt: skip
        clips = np.load(out / "clips.npy")
        np.testing.assert_array_equal(clips[1], np.pad(short, 3_000))
        np.testing.assert_array_equal(clips[[2, 4]], np.stack([whole, last]))
        assert {name: summary[name] for name in ("clips", "padded", "cut", "silent")} == {
            "clips": 5, "padded": 1, "cut": 1, "silent": 1,
        }  # fmt: skip
        assert summary["silent_files"] == [str(data / "yes/b.wav")]
        assert [each["file"] for each in summary["damaged"]] == [str(data / "yes/d.wav")]
        assert json.loads((out / "summary.json").read_text()) == summary

    def test_several_folders(self, data: Path, write: Write, out: Path) -> None:
        write("first/yes/a.wav")
        write("second/no/b.wav")
        with Workers(1) as workers:
            prepare([data / "second", data / "first"], [], out, workers)
        assert [row["file"] for row in table(out / "clips.csv")] == ["no/b.wav", "yes/a.wav"]

    def test_processes_make_the_same_files(self, data: Path, write: Write, tmp_path: Path) -> None:
        for number in range(150):
            write(f"word{number % 3}/{number}.wav", 1_600, level=3 if number % 7 == 0 else 3_000)
        for processes in (1, 2):
            prepared(data, tmp_path / str(processes), processes=processes)
        names = sorted(path.name for path in (tmp_path / "1").iterdir())
        assert len(names) == 7
        for name in names:
            assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


class TestStretches:
    """Noise and read speech."""

    def test_noise_is_cut_into_three(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        noises = [write(f"_background_noise_/{name}.wav", 20 * RATE_HZ) for name in ("fan", "tap")]
        (data / "_background_noise_" / "zero.wav").write_bytes(b"")
        summary = prepared(data, out)
        np.testing.assert_array_equal(np.load(out / "noise.npy"), np.concatenate(noises))
        rows = [
            (row["file"][-7:], int(row["start"]), int(row["samples"]), row["split"]) for row in table(out / "noise.csv")
        ]
        assert rows == [
            ("fan.wav", 0, 256_000, "train"),
            ("fan.wav", 256_000, 32_000, "validation"),
            ("fan.wav", 288_000, 32_000, "test"),
            ("tap.wav", 320_000, 256_000, "train"),
            ("tap.wav", 576_000, 32_000, "validation"),
            ("tap.wav", 608_000, 32_000, "test"),
        ]
        assert summary["noise_seconds"] == 40
        assert len(summary["damaged"]) == 1

    def test_speech(self, data: Path, write: Write, out: Path) -> None:
        write("words/yes/a.wav")
        speech = [write(f"speech/{name}.wav", 30_000) for name in ("a", "b")]
        (data / "speech" / "metadata.csv").write_text('path,text,speaker\na.wav,"ONE, TWO",carl\nb.wav,,ann\n')
        prepared(data / "words", out, data / "speech")
        np.testing.assert_array_equal(np.load(out / "speech.npy"), np.concatenate(speech))
        assert [tuple(row.values()) for row in table(out / "speech.csv")] == [
            ("a.wav", "carl", "0", "30000", "test", "ONE, TWO"),
            ("b.wav", "ann", "30000", "30000", "train", ""),
        ]

    def test_no_speech_is_an_empty_file(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        prepared(data, out)
        assert np.load(out / "speech.npy").shape == (0,)
        assert table(out / "speech.csv") == []

    def test_where_there_is_no_noise_it_is_made(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        summary = prepared(data, out)
        samples, rows = np.load(out / "noise.npy"), table(out / "noise.csv")
        assert summary["noise_seconds"] == len(samples) / RATE_HZ == 180
        loudest = {row["file"]: np.abs(samples[int(row["start"]) :][: int(row["samples"])]).max() for row in rows}
        assert len(loudest) == 9
        assert min(loudest.values()) > 0
        assert max(loudest.values()) < 32_000
        assert all(int(row["samples"]) >= RATE_HZ for row in rows)  # each split can cut a window


class TestWholeOrNotAtAll:
    """What was there before stays until all is done."""

    def test_an_earlier_preparation_is_replaced(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        prepared(data, out)
        write("yes/b.wav")
        prepared(data, out)
        assert len(np.load(out / "clips.npy")) == 2
        assert [path.name for path in out.parent.iterdir()] == [out.name]

    def test_no_clip_at_all_changes_nothing(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        prepared(data, out)
        (data / "yes" / "a.wav").write_bytes(b"no sound")
        with pytest.raises(ValueError, match="can be used"):
            prepared(data, out)
        assert len(np.load(out / "clips.npy")) == 1
        assert [path.name for path in out.parent.iterdir()] == [out.name]

    def test_a_folder_of_other_things_is_never_replaced(self, data: Path, write: Write) -> None:
        write("yes/a.wav")
        with pytest.raises(ValueError, match="something else"):
            prepared(data, data)
        assert (data / "yes" / "a.wav").exists()


class TestCommand:
    """As people call it."""

    def test_counts_are_printed(self, data: Path, write: Write, out: Path) -> None:
        write("yes/a.wav")
        write("no/b.wav", 8_000)
        (data / "no" / "c.wav").write_bytes(b"no sound")
        done = command(data, out, "--processes", 2, "--json", out.with_name("mfccs.json"))
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "2 clips, 1 padded, 0 cut, 0 silent, 1 damaged" in done.stdout
        assert "c.wav" in done.stdout
        assert "1 clips of a whole second" in done.stdout
        assert sorted(path.name for path in out.parent.iterdir()) == ["mfccs.json", out.name]

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["missing", "out"], "missing"),
            (["no-word", "out"], "can be used"),
            (["word", "out", "--processes", "0"], "'0'"),
        ],
    )
    def test_mistakes_are_told_in_a_line(self, data: Path, write: Write, arguments: list[str], told: str) -> None:
        write("word/yes/a.wav")
        write("no-word/a.wav")
        folders = [str(data / name) for name in arguments[:2]]
        failed = command(*folders, *arguments[2:])
        assert failed.returncode == 2
        assert "Traceback" not in failed.stderr
        assert told in failed.stderr.splitlines()[-1]
        assert sorted(path.name for path in data.iterdir()) == ["no-word", "word"]


def peak_bytes(data: Path, out: Path) -> int:
    """Return the most memory that one process of a preparation took."""
    parts = [sys.executable, "-m", "training.keywords.prepare", data, out, "--processes", "2"]
    with subprocess.Popen(parts, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss * 1024


def test_memory_does_not_grow_with_the_clips(data: Path, write: Write, tmp_path: Path) -> None:
    write("word/clip.wav", 1_600)
    few, many = tmp_path / "few", tmp_path / "many"
    for folder, count in ((few, 150), (many, 1_500)):
        (folder / "word").mkdir(parents=True)
        for number in range(count):
            (folder / "word" / f"{number}.wav").symlink_to(data / "word" / "clip.wav")
    least, most = peak_bytes(few, tmp_path / "out"), peak_bytes(many, tmp_path / "out")
    assert (tmp_path / "out" / "clips.npy").stat().st_size == 128 + 1_500 * 32_000
    assert most - least < 12_000_000  # the clips alone are 43 MB more
