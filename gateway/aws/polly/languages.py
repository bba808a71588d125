"""Languages as Polly names them."""

from typing import Final

LANGUAGES: Final = {
    "en-US": "US English",
    "en-GB": "British English",
    "en-AU": "Australian English",
    "en-IN": "Indian English",
    "en-IE": "Irish English",
    "en-NZ": "New Zealand English",
    "en-SG": "Singaporean English",
    "en-ZA": "South African English",
    "en-GB-WLS": "Welsh English",
    "es-ES": "Castilian Spanish",
    "es-MX": "Mexican Spanish",
    "es-US": "US Spanish",
    "fr-FR": "French",
    "fr-BE": "Belgian French",
    "fr-CA": "Canadian French",
    "de-DE": "German",
    "de-AT": "Austrian German",
    "de-CH": "Swiss Standard German",
    "nl-NL": "Dutch",
    "nl-BE": "Belgian Dutch",
    "pt-BR": "Brazilian Portuguese",
    "pt-PT": "Portuguese",
    "arb": "Arabic",
    "ar-AE": "Gulf Arabic",
    "ca-ES": "Catalan",
    "cmn-CN": "Chinese Mandarin",
    "cs-CZ": "Czech",
    "cy-GB": "Welsh",
    "da-DK": "Danish",
    "fi-FI": "Finnish",
    "hi-IN": "Hindi",
    "is-IS": "Icelandic",
    "it-IT": "Italian",
    "ja-JP": "Japanese",
    "ko-KR": "Korean",
    "nb-NO": "Norwegian",
    "pl-PL": "Polish",
    "ro-RO": "Romanian",
    "ru-RU": "Russian",
    "sv-SE": "Swedish",
    "tr-TR": "Turkish",
    "yue-CN": "Cantonese",
}
"""Names by Polly's codes; of one language the first is meant where no region is told."""

_SAME: Final = {"arb": "ar", "no": "nb", "zh": "cmn"}
_MEANT: Final = {code.partition("-")[0]: code for code in reversed(LANGUAGES)} | {"ar": "arb", "no": "nb-NO"}
_KNOWN: Final = {code.lower(): code for code in LANGUAGES}


def code_of(tag: str) -> str:
    """Return Polly's code for a BCP 47 tag; the tag itself, in its usual spelling, where Polly has none."""
    lower = tag.lower()
    return _KNOWN.get(lower) or _MEANT.get(lower) or _spelled(lower)


def base_of(code: str) -> str:
    """Return the language of a code or tag, without its region."""
    base = code.lower().partition("-")[0]
    return _SAME.get(base, base)


def _spelled(tag: str) -> str:
    base, *others = tag.split("-")
    return "-".join([base, *(part.upper() if len(part) == 2 else part for part in others)])
