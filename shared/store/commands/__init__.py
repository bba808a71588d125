"""The commands of the store, one a module."""

from shared.store.commands import catalogue, importing, listing, point, publish, pull, verify
from shared.store.commands.command import Command, add_commands, run_chosen

COMMANDS: tuple[Command, ...] = (
    listing.COMMAND,
    catalogue.COMMAND,
    pull.COMMAND,
    importing.COMMAND,
    verify.COMMAND,
    publish.COMMAND,
    point.COMMAND,
)

__all__ = ["COMMANDS", "Command", "add_commands", "run_chosen"]
