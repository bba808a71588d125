"""What Transcribe offers and Timbre does not: said at once, as without it the transcript would be another one."""

from collections.abc import Iterator
from typing import Any

from shared.problems import InvalidInput

Parameters = dict[str, Any]

_JOB = {
    "ContentRedaction": "personal data are not found and redacted here; a vocabulary filter masks words that you name",
    "ToxicityDetection": "toxic speech is not found here",
    "JobExecutionSettings": "there are no roles here, and jobs always wait for their turn",
    "OutputEncryptionKMSKeyId": "there is no KMS here; set a default encryption for the bucket",
    "KMSEncryptionContext": "there is no KMS here; set a default encryption for the bucket",
    "LanguageIdSettings": "name a vocabulary or filter in Settings, with a LanguageCode",
    "IdentifyMultipleLanguages": "a recording is written down in one language; use IdentifyLanguage",
}
_SETTINGS = {
    "ShowSpeakerLabels": "speakers are not told apart here",
    "MaxSpeakerLabels": "speakers are not told apart here",
    "ChannelIdentification": "channels are averaged here; send each as a recording of its own",
    "ShowAlternatives": "models tell one text here",
    "MaxAlternatives": "models tell one text here",
}
_KEPT = {
    "DataAccessRoleArn": "there are no roles here; TIMBRE_MEDIA_LOCATIONS says what may be read",
    "EncryptionConfiguration": "there is no KMS here; encrypt the disk, or the bucket of TIMBRE_DATA",
}


def require_possible_job(given: Parameters) -> None:
    """Raise InvalidInput for a job that asks for more than Timbre does."""
    _require_none(given, "", _JOB)
    _require_none(given.get("Settings", {}), "Settings.", _SETTINGS)
    if "RedactedMediaFileUri" in given["Media"]:
        raise InvalidInput("Media.RedactedMediaFileUri is for call analytics, which are not offered here.")
    if given.get("MediaFormat") == "amr":
        raise InvalidInput("MediaFormat amr is not decoded here; send mp3, mp4, m4a, wav, flac, ogg or webm.")


def require_possible_words(given: Parameters) -> None:
    """Raise InvalidInput for a vocabulary or filter that is to be read or kept in a way that is none here."""
    _require_none(given, "", _KEPT)


def _require_none(given: Parameters, where: str, reasons: dict[str, str]) -> None:
    """What is false, or empty, asks for nothing."""
    for name, reason in _asked(given, reasons):
        raise InvalidInput(f"{where}{name} is not offered: {reason}.", param=f"{where}{name}")


def _asked(given: Parameters, reasons: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, reason) for name, reason in reasons.items() if given.get(name))
