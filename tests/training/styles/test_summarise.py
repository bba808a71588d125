import json
import subprocess
import sys
from pathlib import Path

import pytest

from training.styles.summarise import changes, combined


def clip(
    emotion: str, speaker: str, *, f0_hz: float = 100, seconds: float = 2, level_db: float = -30
) -> dict[str, str]:
    return {
        "emotion": emotion,
        "speaker": speaker,
        "text": "same words",
        "f0_hz": str(f0_hz),
        "f0_range_semitones": "6",
        "active_seconds": str(seconds),
        "level_db": str(level_db),
        "tilt_db": "-10",
    }


def test_change_is_against_the_same_speaker() -> None:
    clips = [
        clip("neutral/normal", "low", f0_hz=100),
        clip("neutral/normal", "high", f0_hz=200),
        clip("angry/normal", "low", f0_hz=150, seconds=1, level_db=-20),
        clip("angry/normal", "high", f0_hz=300, seconds=1, level_db=-20),
        clip("disgust/strong", "low"),
        clip("angry/normal", "never heard neutral", f0_hz=900),
    ]
    table = changes(clips)
    assert table["angry"]["normal"]["pitch"] == pytest.approx(1.5)
    assert table["angry"]["normal"]["rate"] == pytest.approx(2.0)
    assert table["angry"]["normal"]["volume_db"] == pytest.approx(10)
    assert table["angry"]["normal"]["speakers"] == 2
    assert table["disgusted"]["strong"]["pitch_range"] == 1


def test_corpora_are_averaged_where_they_have_a_member() -> None:
    row = {"rate": 1.0, "pitch": 1.0, "pitch_range": 1.0, "tilt_db": 0.0}
    one = {"sad": {"normal": row | {"volume_db": -4.0}}}
    other = {"sad": {"normal": row | {"pitch": 4.0, "tilt_db": -3.0}}}
    sad = combined({"one": one, "other": other})["sad"]["normal"]
    assert sad["pitch"] == 2.0
    assert sad["tilt_db"] == -1.5
    assert sad["volume_db"] == -4.0


def test_command_writes_the_table(tmp_path: Path) -> None:
    rows = [clip("neutral/normal", "a"), clip("sad/normal", "a", f0_hz=90)]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    (tmp_path / "acted.csv").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "training.styles.summarise", tmp_path / "acted.csv", tmp_path / "table.json"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3])
    table = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert table["emotions"]["sad"]["normal"]["pitch"] == 0.9
