"""The commands for spoken commands, and their options."""

from client.command import Command, Options
from client.keywords import commands, words
from client.recordings.telling import ERROR_STATUS

OPTIONS: Options = {
    "files": {"nargs": "+", "metavar": "FILE", "help": "a recording; - reads standard input"},
    "--model": {"help": "other than the default, or words of your own"},
    "--threshold": {"type": float, "help": "score from which on a word is taken, 0 to 1, other than the model's own"},
    "--keywords": {"metavar": "WORD,WORD", "help": "hear these words alone"},
    "name": {"metavar": "NAME", "help": "of your model"},
    "keyword": {"metavar": "KEYWORD", "help": "what is said in the recordings"},
    "--json": {"action": "store_true", "help": "print the answers, an object a line, instead of a table"},
}
HEAR = Command(
    "keywords",
    commands.hear,
    "hear the commands that recordings hold, and when",
    "files --model --threshold --keywords --json",
    error_status=ERROR_STATUS,
    more="exit status: 0 every file holds a command, 1 one holds none (unknown or silence), 2 something went wrong",
)
OWN_WORDS = (
    Command(
        "enrol", words.enrol, "learn a word from recordings of it, each of the word said once", "name keyword files"
    ),
    Command("list", words.list_models, "your models, and their words"),
    Command("show", words.show, "the words of one model", "name"),
    Command("forget", words.forget, "delete a model with all its words", "name"),
)
