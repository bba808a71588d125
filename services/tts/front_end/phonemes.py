"""How words sound: IPA of espeak-ng, asked for whole sentences, or the letters themselves."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from services.tts.child import ChildPool, Limits
from services.tts.engines.espeak_text import plain, punctuation
from services.tts.front_end.sequence import FrontEnd
from services.tts.speech import SpokenWord
from shared.problems import ModelCorrupt


class Phonemizer:
    """Phonemizes at most `slots` utterances at once, in processes of their own."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        self._pool = ChildPool("services.tts.engines.espeak_child", slots, limits)

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()

    async def sounds(self, words: Sequence[SpokenWord], front_end: FrontEnd) -> list[str]:
        """Return the IPA or letters of each word; " " stands where one begins apart from what is before it.

        A word has none if nothing of it can be spoken. Raises ModelCorrupt for a language that espeak-ng does not have,
        EngineFailed, TimedOut.
        """
        if front_end.phonemizer == "characters":
            return [f" {' '.join(word.text.lower().split())}" for word in words]
        stretches = [(given, list(part)) for given, part in groupby(words, lambda word: word.ipa is not None)]
        asked = [[_piece(word) for word in part] for given, part in stretches if not given]
        answered = iter(await self._ask(front_end.language, asked))
        return [
            sounds
            for given, part in stretches
            for sounds in ([f" {word.ipa}" for word in part] if given else next(answered))
        ]

    async def _ask(self, language: str, stretches: list[list[dict[str, Any]]]) -> list[list[str]]:
        request = {"do": "phonemes", "language": language, "stretches": stretches}
        sounds: list[list[str]] | None = (await self._pool.ask(request)).head["sounds"]
        if sounds is None:
            raise ModelCorrupt("The voice's sounds are those of a language that espeak-ng does not have.")
        return sounds


def sounds_of_all(
    utterances: Iterable[Sequence[SpokenWord]], front_end: FrontEnd, processes: int = 1
) -> list[list[str]]:
    """Return the sounds of many utterances, in their order. Blocks; raises what `Phonemizer.sounds` raises."""

    async def phonemized() -> list[list[str]]:
        phonemizer = Phonemizer(processes)
        tasks = [asyncio.create_task(phonemizer.sounds(words, front_end)) for words in utterances]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:  # one that fails does not end the others, which would outlive the processes
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await phonemizer.close()

    return asyncio.run(phonemized())


def _piece(word: SpokenWord) -> dict[str, Any]:
    return {"text": plain(word.text), "after": punctuation(word.after)}
