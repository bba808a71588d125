"""Coqui's VITS, made for symbols and emotions of ours."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor
from TTS.config.shared_configs import BaseAudioConfig
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
from TTS.tts.models.vits import Vits

from shared.problems import InvalidInput
from training.voices.vits.settings import HOP_SAMPLES

_STYLES = "emb_g.weight"
_SIZES: Mapping[str, Mapping[str, Any]] = {
    "standard": {},
    "medium": {
        "resblock_type_decoder": "2",
        "resblock_kernel_sizes_decoder": [3, 5, 7],
        "resblock_dilation_sizes_decoder": [[1, 2], [2, 6], [3, 12]],
        "upsample_rates_decoder": [8, 8, 4],
        "upsample_kernel_sizes_decoder": [16, 16, 8],
        "upsample_initial_channel_decoder": 256,
    },
    "small": {
        "hidden_channels": 32,
        "hidden_channels_ffn_text_encoder": 64,
        "num_layers_text_encoder": 2,
        "num_layers_posterior_encoder": 4,
        "num_layers_flow": 2,
        "resblock_type_decoder": "2",
        "resblock_kernel_sizes_decoder": [3],
        "resblock_dilation_sizes_decoder": [[1, 3]],
        "upsample_initial_channel_decoder": 64,
        "periods_multi_period_discriminator": [],
        "spec_segment_size": 8,
        "speaker_embedding_channels": 16,
    },
}
"""What each differs in from the network of the paper (Kim, Kong, Son 2021), whose numbers are Coqui's defaults.

The decoder of `medium` is that of Piper's voices of medium quality.
"""


class Shape(NamedTuple):
    """What a network was made for; one that is learned on top of another has the same but for its styles."""

    size: str
    symbols: int
    styles: tuple[str, ...]
    sample_rate_hz: int
    language: str


class Voice(Vits):
    """VITS that is given symbols and styles as numbers: Coqui sees no text, so it cannot read one in its own way."""

    tokenizer = None

    def on_init_start(self, trainer: object) -> None:
        """Leave out Coqui's own files of speakers' names."""

    def format_batch(self, batch: dict[str, Tensor | None]) -> dict[str, Tensor | None]:
        """Leave a batch as it is, but for what Coqui asks of it."""
        return {**batch, "d_vectors": None, "language_ids": None}


def sizes_of(size: str) -> dict[str, Any]:
    """Return what Coqui is asked for in place of its defaults."""
    return dict(_SIZES[size])


def config_of(shape: Shape, **training: Any) -> VitsConfig:
    """Return Coqui's configuration; emotions are its speakers."""
    inner = VitsArgs(num_chars=shape.symbols, use_speaker_embedding=True, **sizes_of(shape.size))
    audio = BaseAudioConfig(sample_rate=shape.sample_rate_hz, hop_length=HOP_SAMPLES, mel_fmin=0.0, mel_fmax=None)
    return VitsConfig(
        model_args=inner,
        audio=audio,
        use_speaker_embedding=True,
        speakers=list(shape.styles),
        phoneme_language=shape.language,
        test_sentences=[],
        **training,
    )


def learn_from(voice: Voice, shape: Shape, base: Mapping[str, Any]) -> None:
    """Take another voice's weights; its usual way of speaking is where all styles of this one begin.

    Raises InvalidInput where the two networks are made for different things.
    """
    other = Shape(*base["shape"])
    if other._replace(styles=(), language="") != shape._replace(styles=(), language=""):
        raise InvalidInput(
            f"The base is a {other.size} network of {other.symbols} symbols at {other.sample_rate_hz} Hz, this voice a "
            f"{shape.size} one of {shape.symbols} at {shape.sample_rate_hz} Hz; both need one --size and --rate-hz."
        )
    weights = dict(base["network"])
    weights[_STYLES] = weights[_STYLES][:1].repeat(len(shape.styles), 1)
    voice.load_state_dict(weights)
