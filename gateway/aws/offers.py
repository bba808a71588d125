"""AWS's services that Timbre offers."""

from collections.abc import Mapping

from gateway.aws.call import Download, Offered
from gateway.aws.comprehend.operations import COMPREHEND
from gateway.aws.polly.operations import POLLY, POLLY_DOWNLOADS
from gateway.aws.transcribe.downloads import TRANSCRIBE_DOWNLOADS
from gateway.aws.transcribe.operations import TRANSCRIBE

OFFERS: Mapping[str, Offered] = {"polly": POLLY, "comprehend": COMPREHEND, "transcribe": TRANSCRIBE}
"""By the name that requests are signed for."""
DOWNLOADS: Mapping[str, Download] = {**TRANSCRIBE_DOWNLOADS, **POLLY_DOWNLOADS}
"""What presigned addresses of ours lead to, by path."""
