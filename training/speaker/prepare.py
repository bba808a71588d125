"""Make of the catalogue's clips what training reads: `python -m training.speaker.prepare CATALOGUE OUT`.

OUT gets a folder for each 200 clips, with frames.npy (float16 [m, bins]), speech.npy (float16 [m]) and clips.csv: each
clip in some versions, the first as it is and the others varied; mixtures of two voices; and sounds that are no speech.
Called again it goes on where it was stopped. Started many times with --children, each does its part
(AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID says which).
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared.children import child_index
from shared.problems import InvalidInput, Problem
from training.shared.workers import Workers, cores
from training.speaker.chosen import chosen
from training.speaker.data.catalogue import Catalogue, Wanted
from training.speaker.data.clip import Clip
from training.speaker.data.opened import open_catalogue
from training.speaker.shards import Shard, Work, write_shard

SETTINGS = "prepared.json"
SHARD_CLIPS = 200
"""As many recordings as a process holds in memory: they are mixed with each other."""


@dataclass(frozen=True)
class Options:
    """What is prepared, and how."""

    versions: int = 6
    seed: int = 1
    most_per_speaker: int = 20
    cache: Path = Path(".timbre/dataset/clips")


def prepare(catalogue: Catalogue, out: Path, options: Options, workers: Workers, part: tuple[int, int]) -> list[str]:
    """Write what is not there yet of this part, (number, of how many); return which clips could not be read, and why.

    Raises InvalidInput where `out` holds something else, and what the catalogue and the storage raise.
    """
    clips = chosen(catalogue.clips(Wanted()), options.most_per_speaker)
    _require_same(out, options, clips)
    work = Work(out, catalogue.locations(), options.cache, options.versions, options.seed)
    mine = [shard for shard in _shards(clips)[part[0] :: part[1]] if not shard.folder(out).exists()]
    return [told for refused in workers.map("Clips", partial(write_shard, work), mine, 1) for told in refused]


def part_of(environment: Mapping[str, str], children: int) -> tuple[int, int]:
    """Return which part of how many is to be done here. Raises InvalidInput."""
    index = child_index(environment)
    if index is None and children > 1:
        raise InvalidInput("Which child this is, is not told: AWS_BATCH_JOB_ARRAY_INDEX is not set, nor one like it.")
    if index is not None and index >= children:
        raise InvalidInput(f"This is child {index}, counted from 0; --children says that there are {children}.")
    return index or 0, children


def _shards(clips: Sequence[Clip]) -> list[Shard]:
    starts = range(0, len(clips), SHARD_CLIPS)
    return [Shard(number, tuple(clips[start : start + SHARD_CLIPS])) for number, start in enumerate(starts)]


def _require_same(out: Path, options: Options, clips: Sequence[Clip]) -> None:
    """Raise InvalidInput where shards of other clips, or made otherwise, would be mixed with those of now."""
    digest = hashlib.sha256("\n".join(map(repr, clips)).encode()).hexdigest()
    now = {"versions": options.versions, "seed": options.seed, "clips": len(clips), "digest": digest}
    out.mkdir(parents=True, exist_ok=True)
    path = out / SETTINGS
    if not path.exists():
        if any(not each.name.startswith(path.stem) for each in out.iterdir()):
            raise InvalidInput(f"{out} holds something else than prepared clips.")
        own = path.with_suffix(f".{os.getpid()}")
        own.write_text(json.dumps(now, indent=1) + "\n")
        own.replace(path)
    if json.loads(path.read_text()) != now:
        raise InvalidInput(f"{out} was prepared from other clips, or with other settings; name another folder.")


def main() -> None:
    """Read the command line, prepare, and say what could not be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogue", help="file of `timbre dataset`, or dynamodb://TABLE")
    parser.add_argument("out", type=Path, help="folder to write")
    own = Options()
    parser.add_argument("--versions", type=_count, default=own.versions, help=f"default: {own.versions}")
    parser.add_argument("--seed", type=int, default=own.seed)
    parser.add_argument("--most-per-speaker", type=_count, default=own.most_per_speaker, metavar="CLIPS")
    parser.add_argument("--cache", type=Path, default=own.cache, help="folder for copies of clips in buckets")
    parser.add_argument("--children", type=_count, default=1, help="how many do this together")
    parser.add_argument("--processes", type=_count, default=cores(), help="default: one a core")
    told = parser.parse_args()
    options = Options(told.versions, told.seed, told.most_per_speaker, told.cache)
    try:
        part = part_of(os.environ, told.children)
        with open_catalogue(told.catalogue) as catalogue, Workers(told.processes) as workers:
            refused = prepare(catalogue, told.out, options, workers, part)
    except (OSError, Problem) as error:
        parser.error(str(error))
    sys.stdout.writelines(f"left out {line}\n" for line in refused)


def _count(told: str) -> int:
    count = int(told)
    if count < 1:
        raise ValueError
    return count


if __name__ == "__main__":
    main()
