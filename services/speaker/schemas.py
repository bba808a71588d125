"""What the speaker service takes; what it gives stands in answers.py."""

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict


class SpeakerForm(BaseModel):
    """`POST /v1/audio/speaker`: a recording of one person."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    file: UploadFile
    """The recording: wav, mp3, flac, ogg, m4a, aac or webm, told by its contents and not by its name."""
    segments: bool = False
    """Whether to tell what is heard in which part of the recording."""
