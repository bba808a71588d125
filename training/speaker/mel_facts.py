"""What the manifest and the card of an imported network say of it."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.speaker.calibration import AgeCalibration, Calibration, GenderCalibration
from services.speaker.engine import Task
from services.speaker.engines.onnx import Onnx
from services.speaker.mel import MelMean
from services.speaker.parameters import SAMPLE_RATE_HZ
from shared.age_groups import OLDEST_YEARS
from shared.store.manifest import Manifest
from training.speaker.licences import is_noncommercial, joined
from training.speaker.scores import Scores
from training.speaker.targets import FIRST_YEAR, LAST_YEAR

CARD = "MODEL_CARD.md"
_CARD = """# {name}

A network that Keras saved, imported by `training.speaker.import_keras`: the mean over a window's time of librosa's mel
power spectrogram in, scores of {labels} out. {weights:,} weights. What is speech, and whether
several speak, is told by Timbre's {speech}.

File: sha256 `{sha256}`.

**Licence:** {licence}{terms}. **Data:** {data}.

Nothing was measured by the import but that ONNX and Keras say the same: not how often its answers are right, nor for
whom. Scores are as the network gives them, and an answer is given however unsure it is. It hears nothing above
{highest_hz:,} Hz, and the louder a recording, the larger are the numbers that it takes.
"""


@dataclass(frozen=True)
class Facts:
    """What the file does not say."""

    labels: tuple[str, ...]
    licence: str
    is_noncommercial: bool
    training_data: list[dict[str, str]]
    languages: list[str]


def manifest_of(scores: Scores, facts: Facts, speech: Manifest, engine: Onnx) -> dict[str, Any]:
    """Return what the manifest says beside names and files; `engine` is that of the speech model."""
    return {
        "task": scores.task,
        "engine": "mel",
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "languages": facts.languages,
        "licence": joined(facts.licence, speech.licence),
        "noncommercial": facts.is_noncommercial or is_noncommercial(facts.licence) or speech.noncommercial,
        "training_data": [*facts.training_data, *(data.model_dump() for data in speech.training_data)],
        "parameters": {
            "features": asdict(engine.cut.features),
            "window_frames": engine.cut.window_frames,
            "calibration": asdict(_calibration(scores.task, engine.calibration)),
            "mel": asdict(MelMean()),
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _calibration(task: Task, speech: Calibration) -> Calibration:
    """Hear whether somebody speaks as the speech model does, and believe whatever the network says of them."""
    heard = {
        "least_speech_seconds": speech.least_speech_seconds,
        "most_several": speech.most_several,
        "temperature": 1.0,
    }
    if task == "speaker-gender":
        return GenderCalibration(**heard, least_score=0.5, sure_score=0.9, most_disagreement=0.5)
    return AgeCalibration(
        **heard, years=(FIRST_YEAR, LAST_YEAR), interval_widening_years=0, most_interval_years=OLDEST_YEARS
    )


def card_of(source: Path, weights: int, facts: Facts, manifest: Manifest, speech: Manifest) -> str:
    """Return the card of a model from the file `source`."""
    return _CARD.format(
        name=manifest.name,
        labels=", ".join(facts.labels),
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        weights=weights,
        speech=f"{speech.name}/{speech.version} ({speech.licence})",
        licence=manifest.licence,
        terms=": no commercial use" if manifest.noncommercial else "",
        data="; ".join("{name} ({licence}), {source}".format(**data) for data in facts.training_data) or "not stated",
        highest_hz=SAMPLE_RATE_HZ // 2,
    )
