"""What tells emotions apart: scikit-learn's classifiers, of how a speaker's utterances differ from neutral ones."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from shared.problems import InvalidInput
from training.voices.facts import NEUTRAL
from training.voices.listener.acted import Heard
from training.voices.listener.contours import Curve

KINDS: dict[str, Callable[[], Pipeline]] = {
    "logistic regression": lambda: make_pipeline(
        StandardScaler(), LogisticRegression(C=0.02, class_weight="balanced", max_iter=2_000)
    ),
    "linear discriminant analysis": lambda: make_pipeline(
        StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    ),
    "support vector machine": lambda: make_pipeline(
        StandardScaler(), SVC(C=2.0, gamma=0.005, class_weight="balanced", random_state=1)
    ),
}


def relative(heard: Heard) -> Curve:
    """Return the rows less the mean of what the same speaker says neutrally; a neutral one is not among its own mean.

    Raises InvalidInput for a speaker with fewer than two neutral utterances.
    """
    rows = heard.rows.copy()
    speakers, is_neutral = np.array(heard.speakers), np.array(heard.emotions) == NEUTRAL
    for speaker in np.unique(speakers):
        own = speakers == speaker
        neutral = heard.rows[own & is_neutral]
        if len(neutral) < 2:
            raise InvalidInput(f"Speaker '{speaker}' needs two neutral utterances, which the others are compared with.")
        rows[own & ~is_neutral] -= neutral.mean(axis=0)
        rows[own & is_neutral] -= (neutral.sum(axis=0) - neutral) / (len(neutral) - 1)
    return rows


def left_out(kind: str, heard: Heard) -> list[str]:
    """Return what is heard in each utterance by a classifier that never heard its speaker."""
    return list(
        cross_val_predict(
            KINDS[kind](), relative(heard), np.array(heard.emotions), groups=heard.speakers, cv=LeaveOneGroupOut()
        )
    )


def recall(meant: Sequence[str], told: Sequence[str]) -> float:
    """Return the mean over the emotions of the share that is heard as meant."""
    return float(balanced_accuracy_score(meant, told))


def best_of(told: dict[str, list[str]], heard: Heard) -> str:
    """Return the kind whose answers, by `left_out`, are right most often."""
    return max(told, key=lambda kind: recall(heard.emotions, told[kind]))


class Listener:
    """A classifier that heard all of some acted speech."""

    def __init__(self, kind: str, heard: Heard) -> None:
        """Raises InvalidInput."""
        self._classifier = KINDS[kind]().fit(relative(heard), np.array(heard.emotions))

    def told(self, heard: Heard) -> list[str]:
        """Return the emotion heard in each utterance. Raises InvalidInput."""
        return [str(emotion) for emotion in self._classifier.predict(relative(heard))]
