"""The formats we speak: one table, from the name in a request to media type, rates, muxer and codec."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from shared.problems import InvalidInput

_SPEECH_RATES_HZ: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True)
class AudioFormat:
    """How one format is made: `muxer` and `codec` are libav's (or libsndfile's) names.

    `default_rate_hz` None means that the input's rate is kept, as the file says it. `bits_per_sample` is the bit rate
    of a lossy codec over the sample rate, up to `max_bit_rate`.
    """

    media_type: str
    muxer: str
    codec: str
    sample_format: str
    sample_rates_hz: tuple[int, ...] = _SPEECH_RATES_HZ
    default_rate_hz: int | None = 24_000
    bits_per_sample: float = 0.0
    max_bit_rate: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    comment_options: Mapping[str, str] = field(default_factory=dict)
    """What is needed beside them for the file to carry a comment."""

    def bit_rate(self, sample_rate_hz: int) -> int:
        """Return bits per second for a lossy codec, 0 where there is nothing to choose."""
        return min(round(self.bits_per_sample * sample_rate_hz), self.max_bit_rate)

    def rate_for(self, sample_rate_in_hz: int, wanted_hz: int | None) -> int:
        """Return the rate to write at; raises InvalidInput for one that the format does not have."""
        rate_hz = wanted_hz or self.default_rate_hz or sample_rate_in_hz
        if rate_hz not in self.sample_rates_hz:
            allowed = ", ".join(map(str, self.sample_rates_hz))
            raise InvalidInput(f"The sample rate of this format must be one of {allowed}.", param="sample_rate")
        return rate_hz


AUDIO_FORMATS: Final[Mapping[str, AudioFormat]] = MappingProxyType(
    {
        "wav": AudioFormat("audio/wav", "wav", "pcm_s16le", "s16", default_rate_hz=None),
        "mp3": AudioFormat(
            "audio/mpeg", "mp3", "libmp3lame", "fltp", bits_per_sample=4, max_bit_rate=128_000,
            options={"id3v2_version": "0"}, comment_options={"id3v2_version": "4"},
        ),
        "opus": AudioFormat(  # audio/ogg as RFC 7845 has it; pages of 100 ms, so that a listener need not wait a second
            "audio/ogg", "ogg", "libopus", "flt", (48_000,), 48_000, bits_per_sample=2, max_bit_rate=64_000,
            options={"page_duration": "100000"},
        ),
        "aac": AudioFormat(
            "audio/aac", "adts", "aac", "fltp", bits_per_sample=4, max_bit_rate=128_000,
            comment_options={"write_id3v2": "1"},
        ),
        "flac": AudioFormat("audio/flac", "flac", "flac", "s16", default_rate_hz=None),
        "ogg_vorbis": AudioFormat("audio/ogg", "OGG", "VORBIS", "flt"),
        "pcm": AudioFormat("audio/pcm", "s16le", "pcm_s16le", "s16"),
        "mulaw": AudioFormat("audio/mulaw", "mulaw", "pcm_mulaw", "s16", (8_000,), 8_000),
        "alaw": AudioFormat("audio/alaw", "alaw", "pcm_alaw", "s16", (8_000,), 8_000),
    }
)  # fmt: skip


def find_format(name: str) -> AudioFormat:
    """Return the format of that name; raises InvalidInput when there is none."""
    if name not in AUDIO_FORMATS:
        raise InvalidInput(f"The format must be one of {', '.join(AUDIO_FORMATS)}.", param="response_format")
    return AUDIO_FORMATS[name]
