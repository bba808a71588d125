"""The AWS CLI, as people have it in their scripts: one call a service, pointed here by the environment alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.audio import AudioLimits, decode, encode
from tests.compat.conftest import environment_of
from tests.sounds import spoken
from tests.stack import BUCKET, Storage
from tests.started import Started

pytestmark = pytest.mark.timeout(300)


class Cli:
    """`aws`, in a folder of its own, with the settings that `./timbre aws` prints."""

    def __init__(self, stack: Started, key: str, folder: Path) -> None:
        self._environment = environment_of(stack, key, folder)
        self.folder = folder

    def __call__(self, *arguments: str) -> str:
        command = [str(Path(sys.executable).parent / "aws"), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def cli(stack: Started, key: str, tmp_path: Path) -> Cli:
    return Cli(stack, key, tmp_path)


def test_polly_speaks_into_a_file(cli: Cli) -> None:
    told = json.loads(
        cli("polly", "synthesize-speech", "--voice-id", "slt", "--output-format", "mp3", "--text", "Hello.", "out.mp3")
    )
    assert (told["ContentType"], told["RequestCharacters"]) == ("audio/mpeg", 6)
    assert 0.2 < decode((cli.folder / "out.mp3").read_bytes(), AudioLimits()).seconds < 2


def test_comprehend_reads_a_text(cli: Cli) -> None:
    told = json.loads(
        cli("comprehend", "detect-sentiment", "--language-code", "en", "--text", "What a wonderful day, I love it!")
    )
    assert told["Sentiment"] == "POSITIVE"


def test_transcribe_writes_down_a_recording(cli: Cli, storage: Storage) -> None:
    storage.s3.put_object(Bucket=BUCKET, Key="cli/hello.wav", Body=encode(spoken("slt"), "wav"))
    media = f"MediaFileUri=s3://{BUCKET}/cli/hello.wav"
    name = ("--transcription-job-name", "from-the-cli")
    cli("transcribe", "start-transcription-job", *name, "--language-code", "en-US", "--media", media)
    cli("transcribe", "wait", "transcription-job-completed", *name)
    told = json.loads(cli("transcribe", "get-transcription-job", *name))["TranscriptionJob"]
    assert told["TranscriptionJobStatus"] == "COMPLETED"
    assert told["Transcript"]["TranscriptFileUri"].startswith("http")
