"""In which language a recording is: as its caller says, or heard once, so that no utterance is taken for another's."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from services.stt.engine import Abilities, Wishes
from services.stt.utterances import Utterance
from shared.audio.sound import Samples

FIRST_UTTERANCES: Final = 4
"""The longest of so many tells: the first alone is often no more than a greeting."""


class SpokenLanguage:
    """The wishes for one recording, with its language as soon as that is known.

    Of a recording of one utterance it never is: the engine finds out while it writes that down.
    """

    def __init__(self, wishes: Wishes, abilities: Abilities, language_of: Callable[[Samples], str | None]) -> None:
        self.wishes = wishes
        self._language_of = language_of
        self._left = FIRST_UTTERANCES if abilities.detects_language and not wishes.language else 0
        self._longest: Utterance | None = None
        self._told_by: Utterance | None = None

    @property
    def is_settled(self) -> bool:
        """Whether no further utterance changes the wishes."""
        return not self._left

    def hear(self, utterances: Sequence[Utterance]) -> None:
        """Take the next utterances, before they are written down. Blocks; raises what the engine raises."""
        for utterance in utterances[: self._left]:
            self._left -= 1
            if self._longest is None or len(utterance.samples) > len(self._longest.samples):
                self._longest = utterance
        has_several = self._left < FIRST_UTTERANCES - 1
        if has_several and self._longest is not None and self._longest is not self._told_by:
            self._told_by = self._longest
            self.wishes = replace(self.wishes, language=self._language_of(self._longest.samples))
