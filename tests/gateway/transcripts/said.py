"""Transcripts for tests."""

from gateway.transcripts.splitting import split
from gateway.transcripts.transcript import Item, Passage, Transcript


def said(*texts: str, language: str | None = "en") -> Transcript:
    """Return a transcript with a passage for each text, whose words last half a second each."""
    passages, second = [], 0.0
    for text in texts:
        words = [Item(word, second + n / 2, second + (n + 1) / 2, 0.9) for n, word in enumerate(text.split())]
        passages.append(Passage(second, second + len(words) / 2, tuple(split(words))))
        second += len(words) / 2 + 1
    return Transcript(tuple(passages), second, language, "fake/1")
