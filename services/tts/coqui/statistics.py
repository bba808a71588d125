"""Mean and deviation that some models' spectrograms are scaled by. Coqui keeps them in a pickle, which is never opened
here: its owner writes them as scale_stats.npz beside it (docs/voices.md)."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from shared.problems import InvalidInput

_FILE: Final = "scale_stats.npz"
_BAD: Final = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def scale(audio: Any, told: Mapping[str, Any], folder: Path) -> None:
    """Have Coqui's `audio` scale as the configuration `told` wants it. Raises InvalidInput."""
    wanted = told.get("audio")
    if not isinstance(wanted, Mapping) or not wanted.get("stats_path") or not audio.signal_norm:
        return
    mean, deviation = _read(folder / _FILE, audio.num_mels)
    audio.setup_scaler(mean, deviation, mean, deviation)
    audio.max_norm = audio.clip_norm = audio.symmetric_norm = None  # as Coqui's own way leaves them


def _read(path: Path, mels: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            mean, deviation = (np.asarray(stored[name], np.float64) for name in ("mel_mean", "mel_std"))
    except _BAD as error:
        raise InvalidInput(f"Its spectrograms are scaled by a pickle (stats_path); write {_FILE} from it.") from error
    if mean.shape != (mels,) or deviation.shape != (mels,) or not np.isfinite([mean, deviation]).all():
        raise InvalidInput(f"{_FILE} is not of its spectrograms.")
    return mean, deviation
