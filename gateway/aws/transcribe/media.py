"""Where the media of a job lie: AWS's web addresses of S3 mean the object, as they do to Transcribe."""

import re
from urllib.parse import unquote

_HOST = r"https?://s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_IN_PATH = re.compile(rf"{_HOST}/(?P<bucket>[a-z0-9.-]+)/(?P<key>[^?#]+)")
_IN_NAME = re.compile(
    r"https?://(?P<bucket>[a-z0-9.-]+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?/(?P<key>[^?#]+)"
)


def place_of(uri: str) -> str:
    """Return s3://bucket/key for an address of S3 without a signature, and any other address as it is."""
    found = _IN_PATH.fullmatch(uri) or _IN_NAME.fullmatch(uri)
    return f"s3://{found['bucket']}/{unquote(found['key'])}" if found else uri
