"""The silence behind a sentence."""

SENTENCE_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS = 0.35, 0.8


def pause_after(*, paragraph_end: bool, is_last: bool) -> float:
    """Return the seconds of silence behind a sentence."""
    if is_last:
        return 0.0
    return PARAGRAPH_PAUSE_SECONDS if paragraph_end else SENTENCE_PAUSE_SECONDS
