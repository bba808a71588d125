"""Mel powers of everything there is to learn from, computed once; an epoch then costs no more than its network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from services.keywords.features import LogMel
from training.keywords.data import Pcm, Prepared, as_float
from training.keywords.splits import Split

Powers = NDArray[np.float32]
Report = Callable[[int, int], None]
"""Called with how many clips are done, and how many there are."""

_BLOCK_CLIPS = 512


@dataclass(frozen=True)
class Frames:
    """Mel powers of long recordings of one split, each float32 [frames, bands]."""

    recordings: tuple[Powers, ...]

    def random(self, count: int, frames: int, rng: np.random.Generator) -> Powers:
        """Return random windows, [count, frames, bands]. Raises ValueError where no recording is long enough."""
        places = np.array([max(0, len(one) - frames + 1) for one in self.recordings])
        if not places.sum():
            raise ValueError("there is no recording to cut windows from")
        chosen = rng.choice(len(places), count, p=places / places.sum())
        starts = (rng.random(count) * places[chosen]).astype(np.int64)
        return np.stack(
            [self.recordings[one][start : start + frames] for one, start in zip(chosen, starts, strict=True)]
        )


def clip_pictures(prepared: Prepared, features: LogMel, cache: Path, report: Report) -> NDArray[np.float16]:
    """Return the log-mel pictures of all clips, float16 [n, frames, bands], kept in a file."""
    count = len(prepared.clips)
    if not cache.exists():
        unfinished = cache.with_suffix(".unfinished")
        pictures = open_memmap(unfinished, "w+", np.float16, (count, *features.shape))
        for start in range(0, count, _BLOCK_CLIPS):
            block = prepared.clips[start : start + _BLOCK_CLIPS]
            pictures[start : start + len(block)] = pictures_of(block, features)
            report(start + len(block), count)
        pictures.flush()
        unfinished.rename(cache)
    return np.asarray(np.load(cache, mmap_mode="r"))


def pictures_of(clips: Pcm, features: LogMel) -> NDArray[np.float32]:
    """Return the pictures of clips, [n, samples] to [n, frames, bands]."""
    return np.concatenate([features.pictures(as_float(clip)) for clip in clips])


def frames_of(prepared: Prepared, name: Literal["noise", "speech"], split: Split, features: LogMel) -> Frames:
    """Return the frames of the noise, or of the read speech, of one split."""
    segments = prepared.segments(name, split)
    pieces = zip(segments.starts, segments.lengths, strict=True)
    return Frames(
        tuple(np.exp(features.frames(as_float(segments.pcm[start : start + length]))) for start, length in pieces)
    )
