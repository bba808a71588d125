"""The small DeepSpeech model beside, in a folder as the store has it."""

import shutil
from pathlib import Path
from typing import Any

from shared.store import LocalModel
from shared.store.publish import seal

FILES = Path(__file__).parent / "deepspeech"
TFLITE, SCORER = FILES / "sentence.tflite", FILES / "sentence.scorer"
SENTENCE = "she had your dark suit in greasy wash water all year"
ALPHABET = list(" abcdefghijklmnopqrstuvwxyz'")


def local_model(folder: Path, *files: Path, **facts: Any) -> LocalModel:
    """Copy files into a folder and describe them; `facts` are further members of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.parent != folder:
            shutil.copyfile(file, folder / file.name)
    told = {"task": "speech-to-text", "engine": "deepspeech", "licence": "CC0", "languages": ["en"], **facts}
    return LocalModel(folder, seal(folder, "sentence", "1", told))
