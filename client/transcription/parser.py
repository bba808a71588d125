"""The command for speech in recordings, and its options."""

from client.command import Command, Options
from client.recordings.telling import ERROR_STATUS
from client.transcription import commands

OPTIONS: Options = {
    "files": {"nargs": "+", "metavar": "FILE", "help": "a recording; - reads standard input"},
    "--model": {"help": "other than the default; GET /v1/models lists them"},
    "--language": {"metavar": "CODE", "help": "that is spoken, such as en; a model of several finds out without it"},
    "--words": {"action": "store_true", "help": "each word with its times; with text and json"},
    "--format": {
        "choices": ("text", *commands.SUBTITLES, "json"),
        "default": "text",
        "help": "text (the default), subtitles of one file (srt, vtt), or the answers, an object a line (json)",
    },
    "--json": {"action": "store_const", "const": "json", "dest": "format", "help": "the same as --format json"},
}
TRANSCRIBE = Command(
    "transcribe",
    commands.transcribe,
    "write down what is said in recordings",
    "files --format --language --words --model --json",
    error_status=ERROR_STATUS,
    more="exit status: 0 every file holds speech, 1 one holds none, 2 something went wrong",
)
