"""An exported keyword model on onnxruntime, without the framework that trained it."""

from typing import Final

import numpy as np

from services.keywords.engine import Heard, KeywordEngine
from services.keywords.features import Pictures
from services.keywords.negatives import negatives_of
from services.keywords.parameters import KeywordParameters, features_of, labels_of, thresholds_of
from shared.onnx_session import FAULTS, open_session
from shared.problems import ModelCorrupt
from shared.store import LocalModel

INPUT: Final = "pictures"
SCORES, EMBEDDINGS = "scores", "embeddings"


class Onnx(KeywordEngine):
    """Scores come from the model as they are: temperature and folding of inner classes are part of it."""

    needs_model = True

    def __init__(self, model: LocalModel, threads: int) -> None:
        parameters = KeywordParameters.of(model.manifest)
        self.labels = labels_of(model.manifest)
        self.thresholds = thresholds_of(parameters)
        self.features = features_of(model.manifest, parameters.features)
        try:
            self._session = open_session(model, threads)
            names = {output.name for output in self._session.get_outputs()}
            self._outputs = [name for name in (SCORES, EMBEDDINGS) if name in names]
            dimensions = self._tried().embeddings.shape[1]
        except FAULTS as error:
            raise ModelCorrupt("The keyword model does not take the pictures that its manifest describes.") from error
        self.negatives = negatives_of(model, dimensions)

    def hear(self, pictures: Pictures) -> Heard:
        """Judge windows. Blocks; may be called from several threads at once."""
        scores, *embeddings = self._session.run(self._outputs, {INPUT: pictures})
        return Heard(scores, embeddings[0] if embeddings else np.empty((len(scores), 0), np.float32))

    def _tried(self) -> Heard:
        """Return what the model makes of silence. Raises ModelCorrupt."""
        silence = self.features.pictures(np.zeros(self.features.window_samples, np.float32))
        heard = self.hear(np.concatenate([silence, silence]))
        if heard.scores.shape != (2, len(self.labels)) or not np.isfinite(heard.scores).all():
            raise ModelCorrupt("The keyword model's scores are not those of its labels.")
        if heard.embeddings.ndim != 2 or len(heard.embeddings) != 2:
            raise ModelCorrupt("The keyword model's embeddings are not one row for each picture.")
        return heard
