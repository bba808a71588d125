"""Who chooses a sentence's emotion: a tag in the text before the tagger, the tagger before the default."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.text.document import Document, Run, Sentence

SPOKEN = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "joy": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
}
"""The tagger's labels (Ekman's six and neutral) and the emotion each is spoken in."""

_WEAKEST, _STRONGEST = 0.6, 1.0
_LEAST_SCORE, _SURE_SCORE = 0.5, 0.9
_SMOOTHED = 0.75


@dataclass(frozen=True, slots=True)
class Heard:
    """What the tagger made of one sentence."""

    label: str
    scores: Mapping[str, float]
    """Calibrated probability of each label."""
    is_confident: bool
    """Whether the label is sure enough to be spoken."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one sentence is to be spoken, and who says so."""

    emotion: str = "neutral"
    intensity: float = 1.0
    score: float | None = None
    source: Literal["manual", "auto", "default"] = "default"


def choose(document: Document, heard: Sequence[Heard | None]) -> list[Choice]:
    """Return one choice a sentence; `heard` has one entry a sentence, None where the tagger was not asked."""
    pairs = zip(document.sentences, heard, strict=True)
    choices = [manual(sentence) or _automatic(opinion) for sentence, opinion in pairs]
    return _smoothed(document, heard, choices)


def manual(sentence: Sentence) -> Choice | None:
    """Return what the sentence's own tags say, None without tags. Of several the one on most of the text counts."""
    lengths: Counter[tuple[str, float]] = Counter()
    for part in sentence.parts:
        if isinstance(part, Run) and part.style.emotion is not None:
            intensity = 1.0 if part.style.intensity is None else part.style.intensity
            lengths[part.style.emotion, intensity] += len(part.text.strip())
    if not lengths:
        return None
    (emotion, intensity), _ = lengths.most_common(1)[0]
    return Choice(emotion, intensity, source="manual")


def _automatic(heard: Heard | None) -> Choice:
    if heard is None:
        return Choice()
    if not heard.is_confident:
        return Choice(score=heard.scores["neutral"])
    score = heard.scores[heard.label]
    emotion = SPOKEN[heard.label]
    return Choice(emotion, 1.0 if emotion == "neutral" else _intensity(score), score, "auto")


def _intensity(score: float) -> float:
    """Speak more strongly what is surer: 0.6 up to a score of 0.5, rising in a line to 1.0 at 0.9."""
    share = (score - _LEAST_SCORE) / (_SURE_SCORE - _LEAST_SCORE)
    return round(_WEAKEST + (_STRONGEST - _WEAKEST) * min(max(share, 0.0), 1.0), 2)


def _smoothed(document: Document, heard: Sequence[Heard | None], choices: list[Choice]) -> list[Choice]:
    """Give an unsure sentence between two of the same emotion that emotion, weaker: moods do not flicker."""
    smooth = list(choices)
    for index in range(1, len(choices) - 1):
        before, here, after = choices[index - 1 : index + 2]
        opinion = heard[index]
        parted = document.sentences[index - 1].paragraph_end or document.sentences[index].paragraph_end
        if opinion is None or here.source != "default" or parted or not _agree(before, after):
            continue
        label = next(label for label, emotion in SPOKEN.items() if emotion == before.emotion)
        intensity = round(_SMOOTHED * min(before.intensity, after.intensity), 2)
        smooth[index] = replace(before, intensity=intensity, score=opinion.scores[label])
    return smooth


def _agree(before: Choice, after: Choice) -> bool:
    return before.source == after.source == "auto" and before.emotion == after.emotion != "neutral"
