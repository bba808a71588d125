"""The names by which other systems' markup calls our emotions."""

from shared.text.document import EMOTIONS

MIN_INTENSITY, MAX_INTENSITY = 0.01, 2.0

INTENSITY_LEVELS = {"low": 0.5, "medium": 1.0, "high": 1.5}
"""The levels of `<amazon:emotion intensity>`."""

_ALIASES = {
    "neutral": "default normal",
    "angry": "anger annoyed mad furious disgruntled",
    "happy": "cheerful joy joyful happiness friendly amused",
    "sad": "disappointed depressed sadness sorrowful",
    "fearful": "terrified fear afraid scared anxious",
    "disgusted": "disgust",
    "surprised": "surprise",
    "calm": "gentle relaxed",
    "excited": "excitement enthusiastic",
}

EMOTION_NAMES = {name: name for name in EMOTIONS} | {
    alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()
}
"""Every name that markup may use, and the emotion it means."""
