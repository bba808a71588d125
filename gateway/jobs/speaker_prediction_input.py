"""What a speaker prediction job takes."""

from pydantic import Field

from gateway.files.schemas import FILE_ID
from gateway.schemas import Documented


class SpeakerPredictionInput(Documented):
    """A recording whose speaker's age and gender are to be predicted."""

    file: str = Field(pattern=f"^{FILE_ID}$", examples=["file-0123456789abcdef01234567"])
    """A file of `POST /v1/files`, in any format of audio that Timbre decodes."""
