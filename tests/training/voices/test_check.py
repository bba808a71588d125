"""Faults that are planted in real speech are found, and none is invented where there is none."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from shared.problems import InvalidInput
from tests.e2e.browser import CHROMIUM, browsing
from tests.started import ROOT
from tests.training.voices.conftest import RATE_HZ, SENTENCES, DataSet, Samples
from training.shared.workers import Workers
from training.voices.check.__main__ import main
from training.voices.check.findings import Finding, Level
from training.voices.check.page import write_page
from training.voices.check.report import Report, as_json, check
from training.voices.corpus import read_corpus

CLEAN = {"little"}
"""A minute of speech is warned of, and nothing else."""


@pytest.fixture
def checked(data_set: DataSet, scratch: Path) -> Callable[[], Report]:
    """Write the data set and check it in this process."""

    def run(language: str = "en-us") -> Report:
        with Workers(1) as workers:
            return check(read_corpus(data_set.write(), scratch), language, workers)

    return run


def only(report: Report) -> Finding:
    """Return what was found beside what every small data set has."""
    (found,) = (each for each in report.findings if each.kind not in CLEAN)
    return found


def found_in(report: Report, kind: str, level: Level) -> list[str]:
    found = only(report)
    assert (found.kind, found.level) == (kind, level)
    assert found.mend
    return [case.id for case in found.cases]


def noise_like(samples: Samples, level: float) -> Samples:
    return np.random.default_rng(1).normal(0, level, len(samples)).astype(np.float32)


class TestNothingIsInvented:
    def test_in_a_clean_data_set(self, checked: Callable[[], Report]) -> None:
        report = checked()
        assert {each.kind for each in report.findings} == CLEAN
        assert not report.is_refused
        assert report.groups() == [
            {"speaker": "", "emotion": "neutral", "recordings": 16, "hours": pytest.approx(64 / 3600, rel=0.3)}
        ]

    def test_measures_are_right(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        quiet = np.zeros(RATE_HZ // 2, np.float32)
        tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE_HZ) / RATE_HZ)).astype(np.float32)
        data_set.change("S03", np.concatenate([quiet, tone, quiet[: RATE_HZ // 4]]) + noise_like(quiet, 1e-3)[0])
        sound = checked().recordings[3].sound
        assert sound is not None
        assert sound.seconds == pytest.approx(2.75)
        assert (sound.leading_seconds, sound.trailing_seconds) == pytest.approx((0.5, 0.25), abs=0.03)
        assert sound.level_db == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)
        assert (sound.sample_rate_hz, sound.channels, sound.clipped_samples) == (RATE_HZ, 1, 0)


class TestSounds:
    def test_clipping(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        for id in ("S02", "S05"):
            samples = data_set.takes[id].samples
            data_set.change(id, np.clip(samples * 3 / np.abs(samples).max(), -1, 1) * np.float32(0.9))
        assert sorted(found_in(checked(), "clipping", Level.WARNING)) == ["S02", "S05"]

    def test_noise_in_one(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        samples = data_set.takes["S07"].samples
        data_set.change("S07", samples + noise_like(samples, 0.03))
        assert found_in(checked(), "noisy-recordings", Level.WARNING) == ["S07"]

    def test_noise_in_all(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        for id, take in list(data_set.takes.items()):
            data_set.change(id, take.samples + noise_like(take.samples, 0.02))
        report = checked()
        assert "noise" in {each.kind for each in report.findings}

    def test_too_quiet(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.change("S01", data_set.takes["S01"].samples * np.float32(0.01))
        assert found_in(checked(), "quiet", Level.WARNING) == ["S01"]

    @pytest.mark.parametrize("kind", ["leading-silence", "trailing-silence"])
    def test_silence(self, data_set: DataSet, checked: Callable[[], Report], kind: str) -> None:
        samples, silence = data_set.takes["S04"].samples, np.zeros(2 * RATE_HZ, np.float32)
        pair = [silence, samples] if kind == "leading-silence" else [samples, silence]
        data_set.change("S04", np.concatenate(pair))
        assert found_in(checked(), kind, Level.WARNING) == ["S04"]

    def test_rates_and_channels(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(data_set.write())
        samples = data_set.takes["S00"].samples
        soundfile.write(folder / "wavs/S00.wav", samples, 8_000)
        soundfile.write(folder / "wavs/S01.wav", np.stack([data_set.takes["S01"].samples] * 2, axis=1), RATE_HZ)
        soundfile.write(folder / "wavs/S02.wav", np.repeat(data_set.takes["S02"].samples, 3), 3 * RATE_HZ)
        with Workers(1) as workers:
            report = check(read_corpus(str(folder), scratch), "en-us", workers)
        found = {each.kind: [case.id for case in each.cases] for each in report.findings}
        assert found["low-rate"] == ["S00"]
        assert found["mixed-rates"] == ["S00", "S02"]
        assert found["channels"] == ["S01"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "It cannot be read"),
            (b"RIFF$\x00\x00\x00WAVEfmt nonsense", "It cannot be read"),
            (b"<html>not found</html>", "It cannot be read"),
        ],
    )
    def test_what_cannot_be_read(self, data_set: DataSet, scratch: Path, content: bytes, said: str) -> None:
        folder = Path(data_set.write())
        (folder / "wavs/S06.wav").write_bytes(content)
        report = self._checked(folder, scratch)
        assert report.is_refused
        (case,) = only(report).cases
        assert (case.id, case.place) == ("S06", "metadata.csv, line 7")
        assert said in case.detail

    def test_a_flac_that_breaks_off(self, data_set: DataSet, scratch: Path) -> None:
        data_set.suffix = ".flac"
        folder = Path(data_set.write())
        os.truncate(folder / "wavs/S06.flac", (folder / "wavs/S06.flac").stat().st_size // 2)
        assert found_in(self._checked(folder, scratch), "unreadable-sound", Level.REFUSED) == ["S06"]

    def test_silent_and_endless_ones(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.change("S08", np.zeros(3 * RATE_HZ, np.float32))
        data_set.change("S09", np.tile(data_set.takes["S09"].samples, 20))
        report = checked()
        found = {case.id: case.detail for each in report.findings if each.level == "refused" for case in each.cases}
        assert "Nothing is heard" in found["S08"]
        assert "60 seconds" in found["S09"]

    def _checked(self, folder: Path, scratch: Path) -> Report:
        with Workers(1) as workers:
            return check(read_corpus(str(folder), scratch), "en-us", workers)


class TestTexts:
    @pytest.mark.parametrize("text", ["", "   ", "... — !?"])
    def test_nothing_to_speak(self, data_set: DataSet, checked: Callable[[], Report], text: str) -> None:
        data_set.change("S01", text=text)
        report = checked()
        assert report.is_refused
        assert found_in(report, "empty-text", Level.REFUSED) == ["S01"]

    def test_characters_that_no_symbol_covers(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.change("S02", text=f"{SENTENCES[2]} ☺")
        data_set.change("S03", text=SENTENCES[3].replace("river", "ривер"))
        assert found_in(checked(), "uncovered-characters", Level.WARNING) == ["S02", "S03"]

    def test_what_is_read_out_is_covered(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.change("S02", text=f"“{SENTENCES[2]}” naïve, 5°C & 20 %…")
        assert not [each for each in checked().findings if each.kind == "uncovered-characters"]

    @pytest.mark.parametrize("times", [1, 25])
    def test_texts_that_are_too_long_for_one_go(
        self, data_set: DataSet, checked: Callable[[], Report], times: int
    ) -> None:
        data_set.change("S02", text=" ".join(SENTENCES * times))
        found = {each.kind: [case.id for case in each.cases] for each in checked().findings}
        assert found["too-long-text"] == ["S02"]
        assert found["length-against-text"] == ["S02"]

    @pytest.mark.parametrize(("language", "said"), [("xx", "does not have the language"), ("not one", "such as en-us")])
    def test_a_language_that_is_none(self, checked: Callable[[str], Report], language: str, said: str) -> None:
        with pytest.raises(InvalidInput, match=said):
            checked(language)

    @pytest.mark.parametrize("planted", ["text", "sound"])
    def test_length_against_text(self, data_set: DataSet, checked: Callable[[], Report], planted: str) -> None:
        take = data_set.takes["S10"]
        if planted == "text":
            data_set.change("S10", text=f"{take.text} {SENTENCES[11]}")
        else:
            data_set.change("S10", take.samples[: len(take.samples) // 2])
        assert found_in(checked(), "length-against-text", Level.WARNING) == ["S10"]


class TestTogether:
    def test_duplicates(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.takes["S99"] = data_set.takes["S05"]._replace(id="S99")
        padded = np.concatenate([np.zeros(800, np.float32), data_set.takes["S06"].samples])
        data_set.takes["S98"] = data_set.takes["S06"]._replace(id="S98", samples=padded)
        assert sorted(found_in(checked(), "duplicates", Level.WARNING)) == ["S98", "S99"]

    def test_the_same_sound_with_another_text(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.change("S05", data_set.takes["S06"].samples)
        report = checked()
        assert report.is_refused
        assert found_in(report, "same-sound-other-text", Level.REFUSED) == ["S06"]

    def test_the_same_sound_in_another_emotion(self, data_set: DataSet, scratch: Path) -> None:
        data_set.write("neutral")
        data_set.takes = {"S05": data_set.takes["S05"]}
        data_set.write("angry")
        with Workers(1) as workers:
            report = check(read_corpus(str(data_set.folder), scratch), "en-us", workers)
        kinds = {each.kind: each for each in report.findings}
        assert [case.id for case in kinds["same-sound-other-emotion"].cases] == ["angry/S05"]
        assert [case.detail.split(",")[0] for case in kinds["little-of-emotion"].cases] == ["neutral", "angry"]
        assert [group["emotion"] for group in report.groups()] == ["neutral", "angry"]

    def test_too_little(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.takes = dict(list(data_set.takes.items())[:4])
        report = checked()
        assert [each.kind for each in report.findings if each.level == Level.REFUSED] == ["too-little"]

    def test_lines_that_name_no_sound(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        data_set.lines.append("S77|never recorded")
        report = checked()
        assert report.is_refused
        assert only(report).cases[0].place == "metadata.csv, line 17"

    def test_the_same_sentence_again_and_again(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        for id in data_set.takes:
            data_set.change(id, text="It is always the same that is said here, whatever is heard.")
        found = {each.kind: each for each in checked().findings}
        assert found["little-variety"].cases[0].detail == "neutral, 1 different sentences in 16 recordings"

    def test_sentences_that_begin_alike(self, data_set: DataSet, checked: Callable[[], Report]) -> None:
        for id, take in list(data_set.takes.items()):
            data_set.change(id, text=f"say the word {' '.join(take.text.split()[3:])}")
        assert "“say the word”, 100%" in only(checked()).cases[0].detail

    def test_the_same_sentences_in_other_emotions_are_as_they_should_be(self, data_set: DataSet, scratch: Path) -> None:
        data_set.write("neutral")
        for emotion, factor in (("sad", 0.9), ("happy", 0.8), ("angry", 0.7), ("calm", 0.6)):
            for id, take in list(data_set.takes.items()):
                data_set.change(id, take.samples * np.float32(factor))
            data_set.write(emotion)
        with Workers(1) as workers:
            report = check(read_corpus(str(data_set.folder), scratch), "en-us", workers)
        assert {each.kind for each in report.findings} == {"little", "little-of-emotion"}

    def test_several_speakers(self, data_set: DataSet, scratch: Path) -> None:
        folder = Path(data_set.write())
        lines = [f"{take.id}|{take.text}|{'ab'[at % 2]}" for at, take in enumerate(data_set.takes.values())]
        (folder / "metadata.csv").write_text("\n".join(["id|text|speaker", *lines]))
        with Workers(1) as workers:
            report = check(read_corpus(str(folder), scratch), "en-us", workers)
        assert only(report).kind == "speakers"
        assert [group["speaker"] for group in report.groups()] == ["a", "b"]


class Page(HTMLParser):
    """What a browser would run or fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href")]
        assert not [name for name, _ in attributes if name.startswith("on")]


class TestCommand:
    """As users call it."""

    HOSTILE = "<script>alert(1)</script>"

    def test_reports_of_a_bucket(
        self,
        data_set: DataSet,
        upload: Callable[[Path], str],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        data_set.change("S05", text=f"{self.HOSTILE} \x1b[31m ☺")
        data_set.change("S04", data_set.takes["S12"].samples)
        location = upload(Path(data_set.write()))
        told = [location, "--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html"), "--stt", "0"]
        assert main([*told, "--processes", "1"]) == 1
        output = capsys.readouterr().out
        assert "No voice can be trained on this" in output
        assert "The same sound has different texts" in output
        assert "\x1b[31m" not in output
        found: dict[str, Any] = json.loads((tmp_path / "a.json").read_text())
        assert found["is_refused"] is True
        assert found["findings"][0]["cases"][0]["id"] == "S12"
        assert len(found["measures"]) == len(SENTENCES)
        page = (tmp_path / "a.html").read_text()
        looked_at = Page(page)
        assert "script" not in looked_at.tags
        assert looked_at.addresses
        assert all(address.startswith("data:image/png;base64,") for address in looked_at.addresses)
        assert "U+263A" in page

    @pytest.mark.timeout(600)
    def test_a_sound_under_a_wrong_text_is_heard(self, data_set: DataSet, tmp_path: Path) -> None:
        data_set.takes = {
            id: take for id, take in data_set.takes.items() if id in {"S02", "S05", "S06", "S08", "S10", "S13"}
        }
        first, second = data_set.takes["S02"], data_set.takes["S05"]
        data_set.change("S02", second.samples)
        data_set.change("S05", first.samples)
        command = [
            sys.executable,
            "-m",
            "training.voices.check",
            data_set.write(),
            "--stt",
            "--html",
            tmp_path / "a.html",
        ]
        command += ["--json", tmp_path / "a.json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        found = json.loads((tmp_path / "a.json").read_text())
        refused = {each["kind"] for each in found["findings"] if each["level"] == "refused"}
        assert done.returncode == (1 if refused else 0)
        (unheard,) = (each for each in found["findings"] if each["kind"] == "text-not-heard")
        assert sorted(case["id"] for case in unheard["cases"]) == ["S02", "S05"]
        assert found["median_word_error_rate"] < 0.5
        assert len(found["heard"]) == len(data_set.takes)
        assert re.search(r"<td>S02</td><td>\d+%</td>", (tmp_path / "a.html").read_text())

    def test_nobody_listens_who_does_not_know_the_language(self, data_set: DataSet, tmp_path: Path) -> None:
        assert main([data_set.write(), "--language", "de", "--json", str(tmp_path / "a.json")]) == 0
        assert json.loads((tmp_path / "a.json").read_text())["median_word_error_rate"] is None

    def test_a_model_that_the_store_does_not_have(
        self,
        data_set: DataSet,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("TIMBRE_MODELS", str(tmp_path / "models"))
        assert main([data_set.write(), "--stt-model", "unheard-of"]) == 1
        assert "unheard-of" in capsys.readouterr().err

    @pytest.mark.skipif(not CHROMIUM, reason="needs a browser: apt-get install chromium")
    def test_the_page_as_a_browser_shows_it(
        self, data_set: DataSet, checked: Callable[[], Report], tmp_path: Path
    ) -> None:
        data_set.change("S05", text=f"{self.HOSTILE} ☺")
        write_page(tmp_path / "a.html", checked(), f"of {self.HOSTILE}")
        with browsing(tmp_path / "browser", data_set.folder / "wavs" / "S00.wav") as shown:
            shown.open(f"file://{tmp_path}/a.html")
            assert shown.run("[document.scripts.length, document.images.length]") == [0, 1]
            assert shown.run("document.images[0].naturalWidth") > 1000
            assert shown.run("document.querySelector('h1').innerText") == f"Check of of {self.HOSTILE}"
            assert "U+263A" in shown.run("document.querySelector('section.warning').parentElement.innerText")

    def test_what_is_no_data_set(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(tmp_path)]) == 1
        assert "There is no metadata.csv here" in capsys.readouterr().err

    @pytest.mark.parametrize("wrong", [["--stt", "-2"], ["--processes", "0"], []])
    def test_wrong_use(self, tmp_path: Path, wrong: list[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main([str(tmp_path), *wrong] if wrong else [])
        assert ended.value.code == 2


def test_json_holds_nothing_that_json_does_not_know(checked: Callable[[], Report]) -> None:
    json.dumps(as_json(checked()), allow_nan=False)
