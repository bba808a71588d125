"""What a folder tells of its recordings: words, speakers and splits."""

from pathlib import Path

import pytest

from tests.training.keywords.conftest import Write
from training.keywords.folders import recordings_of
from training.keywords.splits import official_splits, split_of

COLUMNS = "path,text,label,speaker\n"


class TestLibriSpeech:
    """Readers and texts of its own lists."""

    def test_transcripts_tell_reader_and_text(self, data: Path, write: Write) -> None:
        write("dev-clean/84/121/84-121-0000.flac")
        write("dev-clean/84/121/84-121-0001.flac")
        lines = "84-121-0000 GO DO YOU HEAR\n84-121-0001 \n\n"
        (data / "dev-clean" / "84" / "121" / "84-121.trans.txt").write_text(lines)
        first, second = recordings_of(data)
        assert (first.file, first.text) == ("dev-clean/84/121/84-121-0000.flac", "GO DO YOU HEAR")
        assert (second.speaker, second.text) == ("84", "")
        assert first.split == second.split == split_of("84")


class TestWithoutMetadata:
    """Sub-folders as Speech Commands has them."""

    def test_word_is_the_own_folder_and_order_that_of_names(self, data: Path, write: Write) -> None:
        for file in ("yes/b.wav", "_background_noise_/tap.wav", "more/Bed/a.flac", "yes/a.wav", "_silence_/1.wav"):
            write(file)
        (data / "README.md").write_text("no sound")
        found = [(each.file, each.word) for each in recordings_of(data)]
        assert found == [
            ("_background_noise_/tap.wav", "_background_noise_"),
            ("_silence_/1.wav", "_silence_"),
            ("more/Bed/a.flac", "bed"),
            ("yes/a.wav", "yes"),
            ("yes/b.wav", "yes"),
        ]

    def test_what_lies_in_no_folder_has_no_word(self, data: Path, write: Write) -> None:
        write("stray.wav")
        assert recordings_of(data) == []

    def test_speaker_of_the_file_name_decides_the_split(self, data: Path, write: Write) -> None:
        for file in ("yes/0a7c_nohash_0.wav", "no/0a7c_nohash_12.wav", "no/plain_name.wav"):
            write(file)
        plain, first, second = sorted(recordings_of(data), key=lambda each: each.speaker, reverse=True)
        assert (first.speaker, second.speaker, plain.speaker) == ("0a7c", "0a7c", "no/plain_name.wav")
        assert first.split == second.split == split_of("0a7c")

    def test_official_lists_decide_where_they_are(self, data: Path, write: Write) -> None:
        for number in range(4):
            write(f"yes/speaker{number}_nohash_0.wav")
        (data / "validation_list.txt").write_text("yes/speaker1_nohash_0.wav\n")
        (data / "testing_list.txt").write_text("yes/speaker2_nohash_0.wav\nyes/speaker3_nohash_0.wav\n")
        assert [each.split for each in recordings_of(data)] == ["train", "validation", "test", "test"]

    def test_a_missing_folder(self, data: Path) -> None:
        with pytest.raises(FileNotFoundError):
            recordings_of(data / "missing")


class TestWithMetadata:
    """A metadata.csv knows more than folders do."""

    def test_text_label_and_speaker(self, data: Path, write: Write) -> None:
        rows = (
            "_unknown_/1.wav,Bed,_unknown_,ann",
            "_unknown_/2.wav,,_unknown_,",
            "x/3.wav,,_silence_,",
            "up.wav,up,up,bob",
        )
        (data / "metadata.csv").write_text(COLUMNS + "\n".join(rows))
        for row in rows:
            write(row.partition(",")[0])
        found = {each.file: (each.word, each.speaker) for each in recordings_of(data)}
        assert found == {
            "_unknown_/1.wav": ("bed", "ann"),
            "_unknown_/2.wav": ("_unknown_", "_unknown_/2.wav"),
            "up.wav": ("up", "bob"),
            "x/3.wav": ("_silence_", "x/3.wav"),
        }

    def test_files_that_it_names_are_kept_for_the_reader_to_miss(self, data: Path) -> None:
        (data / "metadata.csv").write_text(COLUMNS + "yes/gone.wav,yes,yes,ann\n")
        assert [each.file for each in recordings_of(data)] == ["yes/gone.wav"]

    def test_files_that_it_does_not_name_have_their_folders_word(self, data: Path, write: Write) -> None:
        (data / "metadata.csv").write_text(COLUMNS)
        write("no/late.wav")
        assert [each.word for each in recordings_of(data)] == ["no"]


class TestSplits:
    """The hash of a speaker is that of the contract, on every machine."""

    def test_known_speakers(self) -> None:
        assert [split_of(name) for name in ("ann", "carl", "gus", "ida")] == ["train", "test", "test", "validation"]

    def test_shares(self) -> None:
        splits = [split_of(f"speaker {number}") for number in range(5_000)]
        assert 0.18 < splits.count("test") / 5_000 < 0.22
        assert 0.08 < splits.count("validation") / 5_000 < 0.12

    def test_no_lists(self, data: Path) -> None:
        assert official_splits(data) == {}
