"""Tables of all kinds become clips; what is damaged is left out, and said."""

import json
import os
from pathlib import Path

import pytest

from shared.objects import open_objects
from shared.problems import InvalidInput, NotFound
from tests.training.speaker.data.releases import (
    DURATIONS,
    MIDDLE,
    NEW,
    OLD,
    Row,
    many,
    person,
    write_durations,
    write_release,
    write_table,
)
from training.speaker.data.clip import Clip
from training.speaker.data.rows import Tally
from training.speaker.data.source import sources

ANNA: Row = {"client_id": person(1), "path": "common_voice_en_1", "age": "fourties", "gender": "female"}
BERT: Row = {"client_id": person(2), "path": "common_voice_en_2.mp3", "age": "teens", "gender": "male_masculine"}
SPOKEN: Row = {"path": "a/1.wav", "speaker": "p1", "gender": "F", "age": "23"}


def read(
    folder: Path | str, *tables: str, tally: Tally | None = None, licence: str = "", language: str = ""
) -> list[Clip]:
    (source,) = sources("voices", str(folder), list(tables), licence, language)
    with source.clips(tally or Tally()) as clips:
        return list(clips)


class TestCommonVoice:
    def test_an_old_release(self, tmp_path: Path) -> None:
        rows = [ANNA | {"accent": "england", "sentence": 'He said: "no'}, BERT | {"gender": "male", "sentence": '"'}]
        assert read(write_release(tmp_path, OLD, rows), language="EN") == [
            Clip(
                data_set="voices",
                path="clips/common_voice_en_1.mp3",
                speaker=person(1),
                gender="female",
                age_group="fourties",
                age_years=None,
                accent="england",
                language="en",
                duration_seconds=None,
                licence="CC0-1.0",
            ),
            Clip("voices", f"clips/{BERT['path']}", person(2), "male", "teens", None, "", "en", None, "CC0-1.0"),
        ]

    def test_a_release_with_languages(self, tmp_path: Path) -> None:
        (anna, bert) = read(write_release(tmp_path, MIDDLE, [ANNA | {"locale": "zh-CN"}, BERT]), language="de")
        assert (anna.language, bert.language) == ("zh-cn", "de")

    def test_a_new_release_with_durations(self, tmp_path: Path) -> None:
        told = {"accents": "England English|Lancashire", "locale": "en", "variant": "", "sentence_id": "f00"}
        write_release(tmp_path, NEW, [ANNA | told, BERT | told])
        write_durations(tmp_path, {BERT["path"]: 4716, "gone.mp3": 1})
        anna, bert = read(tmp_path)
        assert (anna.accent, anna.gender, bert.gender) == ("England English|Lancashire", "female", "male")
        assert (anna.duration_seconds, bert.duration_seconds) == (None, 4.716)

    def test_other_tables_of_a_release(self, tmp_path: Path) -> None:
        write_release(tmp_path, OLD, [ANNA])
        write_release(tmp_path, OLD, [BERT], "other.tsv")
        assert [clip.speaker for clip in read(tmp_path, "other.tsv")] == [person(2)]

    def test_the_first_release_named_no_speakers(self, tmp_path: Path) -> None:
        write_table(tmp_path, [{"filename": "a.mp3", "text": "x", "age": "twenties", "gender": "male", "accent": "us"}])
        with pytest.raises(InvalidInput, match="no column client_id or speaker"):
            read(tmp_path)

    def test_damaged_durations_are_not_known(self, tmp_path: Path) -> None:
        write_release(tmp_path, NEW, [ANNA, BERT])
        (tmp_path / DURATIONS).write_bytes(
            b"clip\tduration[ms]\n\xff\n\ncommon_voice_en_1.mp3\tlong\tx\n" + BERT["path"].encode() + b"\t-5\n"
        )
        assert [clip.duration_seconds for clip in read(tmp_path)] == [None, None]


class TestOtherTables:
    def test_years_give_a_group(self, tmp_path: Path) -> None:
        told = {"accent": "French", "lang": "EN", "duration_s": "1.50", "text": 'two\nlines, "quoted"'}
        (clip,) = read(write_table(tmp_path, [SPOKEN | told]), licence="CC BY 4.0")
        assert clip == Clip("voices", "a/1.wav", "p1", "female", "twenties", 23.0, "French", "en", 1.5, "CC BY 4.0", "")

    def test_a_column_of_licences_goes_before_the_one_that_is_said(self, tmp_path: Path) -> None:
        rows = [SPOKEN | {"License": "CC0-1.0"}, SPOKEN | {"License": ""}]
        folder = write_table(tmp_path, rows)
        assert [clip.licence for clip in read(folder, licence="MIT")] == ["CC0-1.0", "MIT"]
        tally = Tally()
        assert len(read(folder, tally=tally)) == 1
        assert tally.left_out == {"row names no licence": 1}

    def test_a_licence_is_needed(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="--licence"):
            read(write_table(tmp_path, [SPOKEN]))

    @pytest.mark.parametrize(
        ("columns", "missing"),
        [
            (("path", "gender"), "client_id or speaker"),
            (("speaker", "gender"), "path or file"),
            (("path", "speaker", "text"), "gender or age"),
            (("x",), "path"),
        ],
    )
    def test_without_the_columns_that_are_needed(self, tmp_path: Path, columns: tuple[str, ...], missing: str) -> None:
        with pytest.raises(InvalidInput, match=missing):
            read(write_table(tmp_path, [dict.fromkeys(columns, "x")]), licence="MIT")

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\n", b"\n\n", bytes(1 << 20)])
    def test_what_is_no_table(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "metadata.csv").write_bytes(content)
        with pytest.raises(InvalidInput, match="no column"):
            read(tmp_path, licence="MIT")

    def test_no_table_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="--table"):
            read(tmp_path)
        with pytest.raises(NotFound):
            read(tmp_path, "voices.csv", licence="MIT")


class TestDamage:
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/etc/passwd",
            "../../etc/passwd",
            "a/../../b.wav",
            "a//b.wav",
            "%2e%2e/b.wav",
            "．．/b.wav",
            "a\\b.wav",
            "a\x00b.wav",
            "a\x1b[31m.wav",
            f"{'x' * 300}.wav",
            "/".join(["x" * 100] * 7),
        ],
    )
    def test_hostile_names(self, tmp_path: Path, path: str) -> None:
        tally = Tally()
        assert read(write_table(tmp_path, [SPOKEN | {"path": path}, SPOKEN]), licence="MIT", tally=tally) == read(
            write_table(tmp_path / "good", [SPOKEN]), licence="MIT"
        )
        assert tally.left_out == {"path is none of a file in the data set": 1}

    def test_every_reason_is_counted(self, tmp_path: Path) -> None:
        write_release(tmp_path, OLD, [ANNA, ANNA | {"client_id": ""}, ANNA | {"client_id": "x" * 300}, BERT])
        with (tmp_path / "validated.tsv").open("ab") as file:
            file.write(b"too\tfew\n" + b"\t" * 20 + b"\n" + b"\xff\n" + b"x" * 100_000 + b"\n\ra\tb\n")
        tally = Tally()
        assert [clip.speaker for clip in read(tmp_path, tally=tally)] == [person(1), person(2)]
        assert tally.left_out == {
            "row names no speaker": 1,
            "name of the speaker is too long, or is no name": 1,
            "row has another number of cells than the header": 2,
            "line is not UTF-8": 1,
            "line has more than 65536 bytes": 1,
            "row is not as CSV has them": 1,
        }

    def test_a_quote_that_never_ends_costs_what_stands_behind_it_and_no_more(self, tmp_path: Path) -> None:
        write_table(tmp_path, [SPOKEN, SPOKEN | {"path": "2.wav"}])
        with (tmp_path / "metadata.csv").open("a") as file:
            file.write('"open,x,y,z\n' + "3.wav,p3,m,30\n" * 20_000)
        tally = Tally()
        clips = read(tmp_path, licence="MIT", tally=tally)
        assert [clip.path for clip in clips[:2]] == ["a/1.wav", "2.wav"]
        assert {clip.path for clip in clips[2:]} == {"3.wav"}
        assert len(clips) > 10_000
        assert sum(tally.left_out.values()) >= 1

    def test_what_is_not_understood_is_kept_as_unknown(self, tmp_path: Path) -> None:
        tally = Tally()
        rows = [SPOKEN | {"gender": "loud", "age": "ageless"}, SPOKEN | {"age": "0"}]
        clips = read(write_table(tmp_path, rows), licence="MIT", tally=tally)
        assert [(clip.gender, clip.age_group, clip.age_years) for clip in clips] == [
            ("unknown", "unknown", None),
            ("female", "unknown", None),
        ]
        assert tally.unclear == {"gender is not understood": 1, "age is not understood": 2}

    def test_accents_are_one_line_that_fits_into_an_index(self, tmp_path: Path) -> None:
        (clip,) = read(write_table(tmp_path, [SPOKEN | {"accent": "é\x1b\n" * 500}]), licence="MIT")
        assert clip.accent.isprintable()
        assert 200 < len(clip.accent.encode()) <= 256

    def test_no_link_leads_out_of_the_folder(self, tmp_path: Path) -> None:
        outside = write_release(tmp_path / "outside", OLD, [ANNA])
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "validated.tsv").symlink_to(outside / "validated.tsv")
        with pytest.raises(NotFound):
            read(tmp_path / "data", "validated.tsv")


def test_a_table_in_a_bucket(aws: str, tmp_path: Path) -> None:
    import boto3

    boto3.client("s3").create_bucket(Bucket="releases")
    folder = write_release(tmp_path, NEW, many(20))
    objects = open_objects("s3://releases/cv/en")
    objects.put("validated.tsv", folder / "validated.tsv")
    assert read("s3://releases/cv/en") == read(folder)


@pytest.mark.skipif("TIMBRE_TEST_DATA" not in os.environ, reason="needs TIMBRE_TEST_DATA, a folder of data sets")
def test_real_data_sets() -> None:
    """Every metadata.csv below the folder is read, and only rows without a speaker are left out."""
    tables = sorted(Path(os.environ["TIMBRE_TEST_DATA"]).rglob("metadata.csv"))
    assert tables
    for table in tables:
        tally = Tally()
        clips = read(table.parent, licence="test", tally=tally)
        assert set(tally.left_out) <= {"row names no speaker"}, table
        assert len(clips) + sum(tally.left_out.values()) > 0
        json.dumps(clips)
