"""What a preparation counted, mended and left out."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from training.keywords.clips import SAMPLE_RATE_HZ, Told
from training.keywords.folders import Recording
from training.keywords.splits import SPLITS
from training.keywords.stretches import Stretch
from training.shared.sounds import Outcome

Json = dict[str, object]


def summary_of(
    clips: Sequence[Recording], told: Sequence[Told], noise: Sequence[Stretch], speech: Sequence[Stretch]
) -> Json:
    """Return what summary.json holds, from what became of each clip and of each stretch.

    `damaged` and `silent_files` name all files that were left out.
    """
    kept = [recording for recording, each in zip(clips, told, strict=True) if each.is_kept]
    silent = (recording for recording, each in zip(clips, told, strict=True) if each.outcome is Outcome.SILENT)
    outcomes = Counter(each.outcome for each in told)
    stretches = ((recording, each) for recording, _, _, each in chain(noise, speech))
    return {
        "clips": len(kept),
        "words": _words(kept),
        "speakers": {split: len({each.speaker for each in kept if each.split == split}) for split in SPLITS},
        "noise_seconds": _seconds(noise),
        "speech_seconds": _seconds(speech),
        "padded": outcomes[Outcome.PADDED],
        "cut": outcomes[Outcome.CUT],
        "silent": outcomes[Outcome.SILENT],
        "silent_files": [recording.path for recording in silent],
        "damaged": [
            {"file": recording.path, "problem": each.problem}
            for recording, each in chain(zip(clips, told, strict=True), stretches)
            if each.outcome is Outcome.DAMAGED
        ],
    }


def lines(summary: Json) -> str:
    """Return the summary as a few lines for a terminal."""
    words, damaged = summary["words"], summary["damaged"]
    assert isinstance(words, dict)
    assert isinstance(damaged, list)
    table = "\n".join(
        f"{word:<20}" + "".join(f"{counts[split]:>12}" for split in SPLITS) for word, counts in words.items()
    )
    head = f"{'clips':<20}" + "".join(f"{split:>12}" for split in SPLITS)
    left_out = "".join(f"damaged: {each['file']}: {each['problem']}\n" for each in damaged)
    counts = ", ".join(f"{summary[name]} {name}" for name in ("clips", "padded", "cut", "silent"))
    return f"{head}\n{table}\n{left_out}{counts}, {len(damaged)} damaged\n"


def _words(kept: Sequence[Recording]) -> dict[str, dict[str, int]]:
    counts = Counter((each.word, each.split) for each in kept)
    return {word: {split: counts[word, split] for split in SPLITS} for word in sorted({each.word for each in kept})}


def _seconds(stretches: Sequence[Stretch]) -> float:
    return round(sum(samples for _, _, samples, _ in stretches) / SAMPLE_RATE_HZ, 1)
