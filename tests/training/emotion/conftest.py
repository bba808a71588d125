"""Small stand-ins for the data folder and the base model."""

import json
from pathlib import Path

import pytest

NAMES = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval "
    "disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief "
    "remorse sadness surprise neutral"
)
LABELS = NAMES.split()
JOYS = "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring"
EKMAN_GROUPS = {
    "anger": ["anger", "annoyance", "disapproval"],
    "disgust": ["disgust"],
    "fear": ["fear", "nervousness"],
    "joy": JOYS.split(),
    "sadness": ["sadness", "disappointment", "embarrassment", "grief", "remorse"],
    "surprise": ["surprise", "realization", "confusion", "curiosity"],
    "neutral": ["neutral"],
}
SENTIMENT_GROUPS = {
    "positive": EKMAN_GROUPS["joy"],
    "negative": [*EKMAN_GROUPS["fear"], *EKMAN_GROUPS["sadness"], "disgust", *EKMAN_GROUPS["anger"]],
    "ambiguous": EKMAN_GROUPS["surprise"],
    "neutral": ["neutral"],
}
ROWS = "I love it, [NAME]!\t18\ta\nWho told [NAME] and [NAME]?\t7\tb\nLovely, and awful.\t0,9\tc\nIt is five.\t27\td\n"


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A data folder with four rows a split, as GoEmotions lays them out, and three film lines."""
    folder = tmp_path / "goemotions"
    folder.mkdir()
    (folder / "emotions.txt").write_text("\n".join(LABELS))
    (folder / "ekman_mapping.json").write_text(json.dumps(EKMAN_GROUPS))
    (folder / "sentiment_mapping.json").write_text(json.dumps(SENTIMENT_GROUPS))
    for split in ("train", "dev", "test"):
        (folder / f"{split}.tsv").write_text(ROWS)
    film = tmp_path / "xed-en"
    film.mkdir()
    lines = [("Run!", ["fear"]), ("Trust me.", ["trust"]), ("No, you!", ["anger", "surprise"])]
    (film / "train.jsonl").write_text("\n".join(json.dumps({"text": text, "labels": names}) for text, names in lines))
    return tmp_path
