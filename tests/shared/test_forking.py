"""The server that forks processes, wherever temporary files lie."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.audio import encode
from tests.sounds import buzz

PROGRAM = """
import sys
from shared.audio import AudioLimits, decode

if __name__ == "__main__":
    print(len(decode(sys.stdin.buffer.read(), AudioLimits()).samples))
"""


@pytest.mark.parametrize("folder", ["t", "t" * 100])
def test_decoding_works_wherever_temporary_files_lie_and_leaves_nothing(tmp_path: Path, folder: str) -> None:
    temporary = tmp_path / folder
    temporary.mkdir()
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, str(program)],
        input=encode(buzz(200, 1.0), "flac"),
        env=environment,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert (ended.returncode, int(ended.stdout) > 0, list(temporary.iterdir())) == (0, True, []), ended.stderr
