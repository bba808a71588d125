"""What a preparation counted, mended and left out."""

from collections import Counter
from collections.abc import Sequence

from training.keywords.clips import SAMPLE_RATE_HZ, Told
from training.keywords.folders import Recording
from training.keywords.sounds import Outcome
from training.keywords.splits import SPLITS
from training.keywords.stretches import Stretch

Json = dict[str, object]


def summary_of(clips: Sequence[tuple[Recording, Told]], noise: Sequence[Stretch], speech: Sequence[Stretch]) -> Json:
    """Return what summary.json holds; `damaged` and `silent_files` name all files that were left out."""
    kept = [recording for recording, told in clips if told.is_kept]
    outcomes = Counter(told.outcome for _, told in clips)
    told = [*clips, *((recording, told) for recording, _, _, told in [*noise, *speech])]
    return {
        "clips": len(kept),
        "words": _words(kept),
        "speakers": {split: len({each.speaker for each in kept if each.split == split}) for split in SPLITS},
        "noise_seconds": _seconds(noise),
        "speech_seconds": _seconds(speech),
        "padded": outcomes[Outcome.PADDED],
        "cut": outcomes[Outcome.CUT],
        "silent": outcomes[Outcome.SILENT],
        "silent_files": [recording.path for recording, each in clips if each.outcome is Outcome.SILENT],
        "damaged": [
            {"file": recording.path, "problem": each.problem}
            for recording, each in told
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
