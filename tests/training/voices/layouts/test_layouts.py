"""Data sets of other layouts become one that can be checked and trained on."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.training.voices.conftest import RATE_HZ
from training.voices.corpus import open_corpus
from training.voices.layouts.__main__ import main
from training.voices.layouts.cutting import span, stretches
from training.voices.layouts.textgrid import SpokenWord, words_of

TEXTGRID = """File type = "ooTextFile"
item []:
	item [1]:
		class = "IntervalTier"
		name = "words"
		intervals: size = {size}
{intervals}
	item [2]:
		class = "IntervalTier"
		name = "phones"
			intervals [1]:
				xmin = 0.0
				xmax = 1.0
				text = "AH0"
"""
INTERVAL = '\t\t\tintervals [{n}]:\n\t\t\t\txmin = {start}\n\t\t\t\txmax = {end}\n\t\t\t\ttext = "{text}"'


def textgrid(words: list[SpokenWord]) -> str:
    rows = [INTERVAL.format(n=n, start=word[1], end=word[2], text=word[0]) for n, word in enumerate(words, 1)]
    return TEXTGRID.format(size=len(rows), intervals="\n".join(rows))


def evenly(count: int, pauses: dict[int, float]) -> list[SpokenWord]:
    """Return words of half a second, some with a pause before them."""
    words, now = [], 0.2
    for number in range(count):
        now += pauses.get(number, 0.0)
        words.append(SpokenWord(f"w{number}", round(now, 3), round(now + 0.5, 3)))
        now += 0.5
    return words


def test_words_without_what_is_silent() -> None:
    words = [
        SpokenWord("", 0.0, 0.14),
        SpokenWord("the", 0.14, 0.29),
        SpokenWord("sp", 0.29, 0.4),
        SpokenWord("war", 0.4, 0.9),
    ]
    assert words_of(textgrid(words)) == [words[1], words[3]]


class TestCutting:
    def test_at_the_longest_pauses(self) -> None:
        words = evenly(36, {9: 0.3, 17: 0.5, 26: 0.2, 3: 0.15})
        assert [len(part) for part in stretches(words)] == [17, 19]
        assert [word for part in stretches(words) for word in part] == words

    def test_what_is_short_enough_stays(self) -> None:
        words = evenly(12, {5: 0.4})
        assert [list(part) for part in stretches(words)] == [words]

    @pytest.mark.parametrize(("count", "pauses"), [(2, {}), (40, {}), (0, {})])
    def test_too_short_or_without_pauses(self, count: int, pauses: dict[int, float]) -> None:
        assert list(stretches(evenly(count, pauses))) == []

    def test_edges_never_hold_another_word(self) -> None:
        words = evenly(36, {18: 0.1})
        parts = list(stretches(words))
        (_, end), (start, last) = (span(part, words, 18.4) for part in parts)
        assert end == pytest.approx(start)
        assert last == pytest.approx((18.3 + 18.4) / 2)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A data set with a table of paths, two speakers and an emotion with a strength."""
    folder = tmp_path / "other"
    (folder / "a").mkdir(parents=True)
    for name in ("one", "two", "long"):
        samples = np.random.default_rng(0).normal(0, 0.1, 20 * RATE_HZ if name == "long" else 3 * RATE_HZ)
        soundfile.write(folder / "a" / f"{name}.flac", samples, RATE_HZ)
    long = " ".join(f"W{number}" for number in range(36))
    (folder / "metadata.csv").write_text(
        "path,text,emotion,speaker\n"
        'a/one.flac,"Well, good | morning",,anna\n'
        "a/two.flac,Go away,angry/strong,anna\n"
        f"a/long.flac,{long},,bert\n"
        "a/unknown.flac,,,anna\n"
    )
    return folder


def test_emotions_become_folders(other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(other), str(tmp_path / "out"), "--speaker", "anna"]) == 0
    assert capsys.readouterr().out == "2 recordings of 2 clips\n"
    corpus = open_corpus(str(tmp_path / "out"), tmp_path)
    assert [(each.id, each.text, each.emotion) for each in corpus.recordings] == [
        ("neutral/one", "Well, good morning", "neutral"),
        ("angry/two", "Go away", "angry"),
    ]
    written, _ = soundfile.read(corpus.recordings[0].sound, dtype="int16")
    original, _ = soundfile.read(other / "a/one.flac", dtype="int16")
    np.testing.assert_array_equal(written, original)


def test_long_recordings_are_cut_as_they_were_aligned(other: Path, tmp_path: Path) -> None:
    words = evenly(36, {17: 0.5})
    (tmp_path / "grids").mkdir()
    (tmp_path / "grids/long.TextGrid").write_text(textgrid(words))
    out = tmp_path / "out"
    assert main([str(other), str(out), "--speaker", "bert", "--alignments", str(tmp_path / "grids")]) == 0
    recordings = open_corpus(str(out), tmp_path).recordings
    assert [each.id for each in recordings] == ["long-0", "long-1"]
    assert recordings[0].text == " ".join(f"w{number}" for number in range(17))
    assert soundfile.info(recordings[1].sound).duration == pytest.approx(19 * 0.5 + 0.3, abs=0.02)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("../x.flac,text,,anna", "none of a file below"),
        ("a/one.flac,text,peckish,anna", "'peckish' is no emotion"),
        ("a/none.flac,text,,anna", "cannot be read"),
    ],
)
def test_rows_that_cannot_be_used(
    other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, said: str
) -> None:
    with (other / "metadata.csv").open("a") as file:
        file.write(row + "\n")
    assert main([str(other), str(tmp_path / "out"), "--speaker", "anna"]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_kept(other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    assert main([str(other), str(tmp_path / "out")]) == 1
    assert "is there already" in capsys.readouterr().err
