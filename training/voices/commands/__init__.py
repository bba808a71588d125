"""The commands for voices of one's own, by name; each is a module with `add_options(parser)` and `run(chosen)`."""

from training.voices.commands import import_piper, listing, remove, train

COMMANDS = {
    "train": (train, "learn a voice from recordings, and bring it into the store"),
    "list": (listing, "the voices in the store, whose they are and how good"),
    "import": (import_piper, "bring a Piper voice (.onnx and .onnx.json) into the store"),
    "remove": (remove, "take a voice, or a version of one, out of the store"),
}
