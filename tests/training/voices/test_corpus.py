"""Recordings are found however they are laid out; lines that cannot be used are told, with how to mend them."""

import os
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from shared.problems import InvalidInput, NotFound, StorageRefused
from tests.training.voices.conftest import SENTENCES, DataSet
from training.voices.corpus import Corpus, open_corpus, read_corpus


def few(data_set: DataSet, count: int = 2) -> DataSet:
    data_set.takes = dict(list(data_set.takes.items())[:count])
    return data_set


def faults(corpus: Corpus) -> list[tuple[str, str]]:
    return [(fault.place, f"{fault.what} {fault.mend}") for fault in corpus.faults]


class TestLayouts:
    @pytest.mark.parametrize("suffix", [".wav", ".flac"])
    def test_as_ljspeech_has_it(self, data_set: DataSet, scratch: Path, suffix: str) -> None:
        data_set.suffix = suffix
        corpus = open_corpus(data_set.write(), scratch)
        assert [recording.text for recording in corpus.recordings] == list(SENTENCES)
        assert corpus.recordings[3].sound == data_set.folder / "wavs" / f"S03{suffix}"
        assert corpus.recordings[3].place == "metadata.csv, line 4"
        assert (corpus.emotions, corpus.speakers) == (("neutral",), ("",))

    def test_the_normalised_text_counts_where_there_is_one(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        (folder / "metadata.csv").write_bytes(b"\xef\xbb\xbfS00|Dr. 5|doctor  five\r\nS01|No. 7|\n\n")
        assert [each.text for each in open_corpus(str(folder), scratch).recordings] == ["doctor five", "No. 7"]

    def test_columns_may_be_named_in_any_order(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        told = "Speaker|text|audio_file|emotion\nanna|one|S00|Fear\nbert|two|S01.wav|\n"
        (folder / "metadata.csv").write_text(told)
        found = open_corpus(str(folder), scratch).recordings
        assert [(each.id, each.text, each.emotion, each.speaker) for each in found] == [
            ("S00", "one", "fearful", "anna"),
            ("S01.wav", "two", "neutral", "bert"),
        ]

    def test_a_folder_for_each_emotion_neutral_first(self, data_set: DataSet, scratch: Path) -> None:
        for emotion in ("angry", "neutral", "sad"):
            few(data_set).write(emotion)
        corpus = open_corpus(str(data_set.folder), scratch)
        assert corpus.emotions == ("neutral", "angry", "sad")
        assert [each.id for each in corpus.recordings if each.emotion == "sad"] == ["sad/S00", "sad/S01"]
        assert all(each.sound.exists() for each in corpus.recordings)

    def test_emotions_beside_a_usual_voice(self, data_set: DataSet, scratch: Path) -> None:
        few(data_set).write()
        few(data_set).write("happy")
        assert open_corpus(str(data_set.folder), scratch).emotions == ("neutral", "happy")

    def test_sounds_beside_the_table(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        for path in (folder / "wavs").iterdir():
            path.rename(folder / path.name)
        assert next(each.sound for each in open_corpus(str(folder), scratch).recordings) == folder / "S00.wav"


class TestFaults:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("S00|again", "names the recording of metadata.csv, line 1 again"),
            ("S09|gone", "There is no wavs/S09.wav"),
            ("../secret|text", "none of a file below this folder"),
            ("/etc/passwd|text", "none of a file below this folder"),
            ("a%2f..%2f..%2fb|text", "none of a file below this folder"),
            ("S05", "one column"),
            ("|text", "names no recording"),
            ("S05|a|b|c", "4 columns"),
            ("S05|" + "x" * 70_000, "65536 bytes"),
        ],
    )
    def test_of_a_line(self, data_set: DataSet, scratch: Path, line: str, said: str) -> None:
        data_set.lines.append(line)
        location = few(data_set).write()
        ((place, told),) = faults(read_corpus(location, scratch))
        assert place == "metadata.csv, line 3"
        assert said in told
        assert len(read_corpus(location, scratch).recordings) == 2
        with pytest.raises(InvalidInput, match="line 3"):
            open_corpus(location, scratch)

    def test_a_line_that_is_not_utf_8(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        with (folder / "metadata.csv").open("ab") as file:
            file.write("S05|café\n".encode("latin-1"))
        assert faults(read_corpus(str(folder), scratch)) == [
            ("metadata.csv, line 3", "It is not UTF-8. Save the file as UTF-8.")
        ]

    def test_an_emotion_that_nobody_knows(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        (folder / "metadata.csv").write_text("id|text|emotion\nS00|one|hungry\nS01|two|sad\n")
        ((place, told),) = faults(read_corpus(str(folder), scratch))
        assert place == "metadata.csv, line 2"
        assert "'hungry' is no emotion" in told
        assert "disgusted" in told

    def test_links_are_not_followed_and_that_is_said(self, data_set: DataSet, scratch: Path, tmp_path: Path) -> None:
        folder = Path(few(data_set).write())
        (folder / "wavs").rename(tmp_path / "elsewhere")
        (folder / "wavs").symlink_to(tmp_path / "elsewhere")
        corpus = read_corpus(str(folder), scratch)
        assert not corpus.recordings
        assert "links are not followed" in faults(corpus)[0][1]

    def test_huge_sounds(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(few(data_set).write())
        os.truncate(folder / "wavs" / "S01.wav", (64 << 20) + 1)
        assert "more than 64 MiB" in faults(read_corpus(str(folder), scratch))[0][1]

    @pytest.mark.parametrize("table", ["", "\n\n", "id|text\n"])
    def test_a_table_of_nothing(self, tmp_path: Path, scratch: Path, table: str) -> None:
        (tmp_path / "metadata.csv").write_text(table)
        with pytest.raises(InvalidInput, match="names no recordings"):
            open_corpus(str(tmp_path), scratch)

    def test_a_first_line_without_texts(self, tmp_path: Path, scratch: Path) -> None:
        (tmp_path / "metadata.csv").write_text("id|emotion\nS00|sad\n")
        with pytest.raises(InvalidInput, match="no column 'text'"):
            open_corpus(str(tmp_path), scratch)

    def test_no_table(self, tmp_path: Path, scratch: Path) -> None:
        with pytest.raises(NotFound, match=r"no metadata\.csv here"):
            open_corpus(str(tmp_path), scratch)


class TestBuckets:
    def test_only_what_is_named_is_copied(
        self, data_set: DataSet, scratch: Path, upload: Callable[[Path], str]
    ) -> None:
        folder = Path(few(data_set).write())
        (folder / "wavs" / "other.wav").write_bytes(b"x" * 1000)
        corpus = open_corpus(upload(folder), scratch)
        assert corpus.folder == scratch
        for recording in corpus.recordings:
            assert recording.sound.read_bytes() == (folder / "wavs" / recording.sound.name).read_bytes()
        assert sorted(path.name for path in scratch.rglob("*.wav")) == ["S00.wav", "S01.wav"]

    def test_it_goes_on_where_it_stopped(self, data_set: DataSet, scratch: Path, upload: Callable[[Path], str]) -> None:
        location = upload(Path(few(data_set, 4).write()))
        first = {each.id: each.sound for each in open_corpus(location, scratch).recordings}
        kept, cut, gone = first["S00"], first["S01"], first["S02"]
        before = kept.stat().st_ino
        os.truncate(cut, 100)
        gone.unlink()
        bucket = location.split("/")[2]
        anew = first["S03"].read_bytes()[::-1]
        boto3.client("s3").put_object(Bucket=bucket, Key="voice/wavs/S03.wav", Body=anew)
        os.utime(first["S03"], (0, 0))  # as if it had been copied before the object was written anew
        again = {each.id: each.sound for each in open_corpus(location, scratch).recordings}
        assert again["S00"].stat().st_ino == before
        assert [again[id].stat().st_size for id in ("S01", "S02")] == [
            (data_set.folder / "wavs" / f"{id}.wav").stat().st_size for id in ("S01", "S02")
        ]
        assert again["S03"].read_bytes() == anew

    def test_hostile_names_lead_nowhere(self, data_set: DataSet, scratch: Path, upload: Callable[[Path], str]) -> None:
        data_set.lines.append("../../outside|text")
        corpus = read_corpus(upload(Path(few(data_set).write())), scratch)
        assert "none of a file below" in corpus.faults[0].what
        assert not list(scratch.parent.rglob("outside*"))

    def test_a_bucket_that_is_not_there(self, s3: str, scratch: Path) -> None:
        with pytest.raises((StorageRefused, NotFound)):
            open_corpus("s3://no-such-bucket-anywhere/voice", scratch)
