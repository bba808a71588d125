"""Exit statuses, for whoever starts the command: shells, array jobs, the timetable. A wrong use is argparse's 2."""

from typing import Final

DONE: Final = 0
UNABLE: Final = 1
"""Nothing, or no more, could be done here until somebody sets something right."""
SOME_LEFT: Final = 3
"""All that could be done is done; some recordings failed, or were left where they are."""
