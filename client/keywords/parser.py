"""The commands for spoken commands, and their options."""

from client.command import Command, Options
from client.keywords import commands

OPTIONS: Options = {
    "files": {"nargs": "+", "metavar": "FILE", "help": "a recording; - reads standard input"},
    "--model": {"help": "other than the default, or words of your own"},
    "--threshold": {"type": float, "help": "score from which on a word is taken, 0 to 1, other than the model's own"},
    "--keywords": {"metavar": "WORD,WORD", "help": "hear these words alone"},
    "--json": {"action": "store_true", "help": "print the answers, an object a line, instead of a table"},
}
HEAR = Command(
    "keywords",
    commands.hear,
    "hear the commands that recordings hold, and when",
    "files --model --threshold --keywords --json",
    error_status=commands.ERROR_STATUS,
    more="exit status: 0 every file holds a command, 1 one holds none (unknown or silence), 2 something went wrong",
)
