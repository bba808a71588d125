"""All that is known of a data set, and what is wrong with it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from services.stt.engine import SpeechEngine
from shared.objects.folder import FolderObjects
from training.shared.workers import Workers
from training.voices.check import of_corpus, of_sounds, of_symbols, of_texts
from training.voices.check.findings import Case, Finding, Level, Rule, case, refused
from training.voices.check.heard import Heard, heard
from training.voices.check.measuring import Measured, measured
from training.voices.corpus import Corpus

RULES: tuple[Rule, ...] = (
    of_corpus.unreadable,
    of_texts.empty,
    of_corpus.amounts,
    of_corpus.duplicates,
    of_corpus.speakers,
    of_corpus.variety,
    of_sounds.rates,
    of_sounds.noise,
    of_sounds.each,
    of_texts.lengths,
    of_texts.uncovered,
)
_PERCENTILES = (0, 5, 50, 95, 100)


@dataclass(frozen=True)
class Report:
    """What a check found."""

    recordings: tuple[Measured, ...]
    findings: tuple[Finding, ...]
    """Those that no voice can be trained with come first."""
    heard: tuple[Heard, ...] = field(default=())
    """Of those that an engine listened to, the worst first."""

    @property
    def is_refused(self) -> bool:
        """Whether no voice can be trained on this."""
        return any(finding.level == Level.REFUSED for finding in self.findings)

    @property
    def usable(self) -> list[Measured]:
        """The recordings that can be heard."""
        return [one for one in self.recordings if one.sound]

    def median_error_rate(self) -> float | None:
        """Return the median word error rate of what was listened to."""
        return float(np.median([each.word_error_rate for each in self.heard])) if self.heard else None

    def figures(self) -> dict[str, list[float]]:
        """Return what can be drawn: for each measure a number of each usable recording."""
        sounds = [one.sound for one in self.usable if one.sound]
        return {
            "seconds": [sound.seconds for sound in sounds],
            "letters_a_second": [of_texts.characters_a_second(one) for one in self.usable],
            "level_db": [sound.level_db for sound in sounds],
            "noise_db": [sound.noise_db for sound in sounds],
            "leading_seconds": [sound.leading_seconds for sound in sounds],
            "trailing_seconds": [sound.trailing_seconds for sound in sounds],
        }

    def groups(self) -> list[dict[str, Any]]:
        """Return recordings and hours of each speaker and emotion, neutral first."""
        minutes = of_corpus.minutes_of(self.recordings)
        counts = [one.group for one in self.usable]
        return [
            {"speaker": group[0], "emotion": group[1], "recordings": counts.count(group), "hours": minutes[group] / 60}
            for group in sorted(minutes, key=lambda group: (group[0], group[1] != "neutral", group[1]))
        ]


def check(corpus: Corpus, language: str, workers: Workers) -> Report:
    """Measure all recordings and say what is wrong. Raises InvalidInput for an unknown language, EngineFailed."""
    recordings = tuple(measured(corpus.recordings, language, workers))
    found = [*_lines(corpus), *(each for rule in RULES for each in rule(recordings))]
    found += of_symbols.symbols(recordings, language, workers.processes)
    return Report(recordings, _sorted(found))


def listened(report: Report, engine: SpeechEngine, language: str, most: int | None, threads: int) -> Report:
    """Return the report with what an engine hears in so many recordings, chosen by a hash, or in all."""
    usable = [one for one in report.usable if one.text.spoken]
    chosen = sorted(usable, key=lambda one: hashlib.sha256(one.recording.id.encode()).digest())[:most]
    found = heard(chosen, engine, language, threads)
    other = [case(each.measured, f"heard: {each.text or 'nothing'}") for each in found if each.is_other]
    told = "Some sounds say something else than their texts, as far as can be heard."
    mend = "Listen to them; where several in a row are wrong, lines of the table may have moved."
    mismatch = [Finding(Level.WARNING, "text-not-heard", told, mend, tuple(other))] if other else []
    return Report(report.recordings, _sorted([*report.findings, *mismatch]), tuple(found))


def _lines(corpus: Corpus) -> list[Finding]:
    """Return the lines of metadata.csv that name nothing to train on, by how they are mended."""
    cases = ((fault.mend, Case("", fault.place, fault.what)) for fault in corpus.faults)
    return list(refused("line", "Some lines cannot be used.", cases))


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda found: found.level != Level.REFUSED))


def write_json(path: Path, report: Report) -> None:
    """Write all figures, findings and recordings."""
    FolderObjects(path.parent).put(path.name, json.dumps(as_json(report), ensure_ascii=False, indent=1).encode())


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as programs read it."""
    return {
        "is_refused": report.is_refused,
        "recordings": len(report.recordings),
        "hours": round(sum(report.figures()["seconds"]) / 3600, 4),
        "groups": report.groups(),
        "percentiles": percentiles(report),
        "findings": [{**asdict(found), "cases": [each._asdict() for each in found.cases]} for found in report.findings],
        "median_word_error_rate": report.median_error_rate(),
        "heard": [
            {
                "id": each.measured.recording.id,
                "text": each.measured.text.spoken,
                "heard": each.text,
                "word_error_rate": round(each.word_error_rate, 3),
                "is_other": each.is_other,
            }
            for each in report.heard
        ],
        "measures": [_measures(one) for one in report.recordings],
    }


def percentiles(report: Report) -> dict[str, dict[str, float]]:
    """Return how each measure is spread over the recordings."""
    return {
        name: {f"p{percent}": round(float(np.percentile(values, percent)), 3) for percent in _PERCENTILES}
        for name, values in report.figures().items()
        if values
    }


def _measures(one: Measured) -> dict[str, Any]:
    recording = one.recording
    about = {"id": recording.id, "place": recording.place, "emotion": recording.emotion, "speaker": recording.speaker}
    sound = asdict(one.sound) if one.sound else {"fault": one.fault.what if one.fault else ""}
    return {**about, "spoken": one.text.spoken, **sound}
