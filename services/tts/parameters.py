"""What the manifest of a trained voice says, checked."""

from typing import Annotated

from pydantic import Field

from services.tts.front_end.sequence import FrontEnd
from services.tts.speech import Gender
from shared.store import Parameters

Scale = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class Inference(Parameters):
    """With what a VITS network is asked beside its symbols; named as Piper's configurations do."""

    noise_scale: Scale = 0.667
    """How much the sound varies."""
    length_scale: Annotated[Scale, Field(gt=0)] = 1.0
    """How long sounds last at rate 1."""
    noise_w: Scale = 0.8
    """How much the lengths of sounds vary."""


class VoiceParameters(Parameters):
    """The `parameters` of a voice's model, as its training or import writes them."""

    front_end: FrontEnd
    gender: Gender = "neutral"
    display_name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    hop_seconds: Annotated[float, Field(gt=0, le=0.1)] | None = None
    """Length of a frame, in which a network counts how long its symbols last; None if it does not tell."""
    inference: Inference = Inference()
