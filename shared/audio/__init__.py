"""Audio in and out: decode what strangers send, encode what we speak, change sample rates.

Sound inside the product is mono float32 (`Sound`); file formats live at the edge, here.
"""

from shared.audio.decode import decode, decode_blocks, warm_up
from shared.audio.encode import Encoder, encode, encode_into
from shared.audio.formats import AUDIO_FORMATS, AudioFormat
from shared.audio.limits import AudioLimits
from shared.audio.resample import Resampler, resample
from shared.audio.sound import Samples, Sound

__all__ = [
    "AUDIO_FORMATS",
    "AudioFormat",
    "AudioLimits",
    "Encoder",
    "Resampler",
    "Samples",
    "Sound",
    "decode",
    "decode_blocks",
    "encode",
    "encode_into",
    "resample",
    "warm_up",
]
