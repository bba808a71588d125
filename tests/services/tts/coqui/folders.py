"""Folders of models that Coqui never trained: small networks with weights of chance, laid out as its trainer does.

python -m tests.services.tts.coqui.folders FOLDER      makes one of each kind there
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE
from TTS.tts.configs.glow_tts_config import GlowTTSConfig
from TTS.tts.configs.shared_configs import CharactersConfig
from TTS.tts.configs.tacotron2_config import Tacotron2Config
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
from TTS.tts.models import setup_model
from TTS.tts.models.xtts import Xtts
from TTS.vocoder.configs import HifiganConfig
from TTS.vocoder.models.gan import GAN

from training.voices.vits.network import sizes_of

Change = Callable[[dict[str, Any]], object]
ESPEAK = {"use_phonemes": True, "phonemizer": "espeak", "phoneme_language": "en-us"}
LETTERS = CharactersConfig(
    characters="abcdefghijklmnopqrstuvwxyz",
    punctuations="!,.? ",
    pad="<PAD>",
    eos="<EOS>",
    bos="<BOS>",
    blank="<BLNK>",
    characters_class="TTS.tts.utils.text.characters.Graphemes",
)


def vits(**changes: Any) -> Any:
    torch.manual_seed(1)
    inner = VitsArgs(**sizes_of("small"), **changes.pop("inner", {}))
    return setup_model(VitsConfig(model_args=inner, text_cleaner="basic_cleaners", **changes))


def vits_of(*speakers: str, **changes: Any) -> Any:
    return vits(inner={"use_speaker_embedding": True}, use_speaker_embedding=True, speakers=[*speakers], **changes)


def glow_tts() -> Any:
    """Return a network whose symbols last about ten frames each."""
    torch.manual_seed(1)
    sizes = {"hidden_channels_enc": 32, "hidden_channels_dec": 32, "hidden_channels_dp": 32, "num_flow_blocks_dec": 2}
    network = setup_model(GlowTTSConfig(characters=LETTERS, text_cleaner="basic_cleaners", add_blank=True, **sizes))
    torch.nn.init.constant_(network.encoder.duration_predictor.proj.bias, 2.3)
    return network


def tacotron2() -> Any:
    """Return a network that does not find the end."""
    torch.manual_seed(1)
    network = setup_model(Tacotron2Config(characters=LETTERS, text_cleaner="basic_cleaners"))
    torch.nn.init.constant_(network.decoder.stopnet[1].linear_layer.bias, -9.0)
    return network


def write(network: Any, folder: Path, change: Change = lambda told: None) -> Path:
    """Lay a network out as Coqui's trainer does."""
    folder.mkdir(parents=True, exist_ok=True)
    told = network.config.to_dict()
    change(told)
    (folder / "config.json").write_text(json.dumps(told))
    torch.save({"model": network.state_dict(), "config": told, "step": 3}, folder / "best_model.pth")
    return folder


def write_vocoder(folder: Path, sample_rate_hz: int) -> None:
    """Lay out a HiFi-GAN that makes 256 samples of a frame."""
    torch.manual_seed(1)
    config = HifiganConfig()
    config.generator_model_params.update(upsample_initial_channel=32, resblock_kernel_sizes=[3])
    config.generator_model_params.update(resblock_dilation_sizes=[[1, 3, 5]])
    config.audio.sample_rate = sample_rate_hz
    write(GAN(config), folder / "vocoder")


def write_statistics(folder: Path) -> None:
    """Have a folder's spectrograms scaled by statistics, as Coqui keeps them."""
    told = json.loads((folder / "config.json").read_text())
    told["audio"]["stats_path"] = str(folder / "scale_stats.npy")
    (folder / "config.json").write_text(json.dumps(told))
    statistics = {"mel_mean": np.linspace(-40, -60, 80), "mel_std": np.linspace(9, 12, 80), "audio_config": {}}
    linear = {"linear_mean": np.zeros(513), "linear_std": np.ones(513)}
    np.save(folder / "scale_stats.npy", {**statistics, **linear})  # type: ignore[arg-type]


def write_xtts(folder: Path, *speakers: str, change: Change = lambda told: None) -> Path:
    """Lay out an XTTS that says a second of noise for whatever it is given."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    special = ("[STOP]", "[UNK]", "[SPACE]", "[en]", "[de]", "[START]")
    symbols = [*special, *"abcdefghijklmnopqrstuvwxyz.,?!'"]
    tokenizer = Tokenizer(BPE({symbol: index for index, symbol in enumerate(symbols)}, [], unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(special))
    tokenizer.save(str(folder / "vocab.json"))
    told = XttsConfig(model_args=_small_xtts(len(symbols)), languages=["en", "de"]).to_dict()
    torch.save({"model": Xtts(XttsConfig(model_args=_small_xtts(len(symbols)))).state_dict()}, folder / "model.pth")
    heard = {"gpt_cond_latent": torch.randn(1, 32, 64), "speaker_embedding": torch.randn(1, 512, 1)}
    torch.save(dict.fromkeys(speakers, heard), folder / "speakers_xtts.pth")
    change(told)
    (folder / "config.json").write_text(json.dumps(told))
    return folder


def _small_xtts(symbols: int) -> XttsArgs:
    own = {"gpt_layers": 1, "gpt_n_model_channels": 64, "gpt_n_heads": 2, "gpt_max_audio_tokens": 20}
    sounds = {"gpt_num_audio_tokens": 66, "gpt_start_audio_token": 64, "gpt_stop_audio_token": 65}
    texts = {"gpt_number_text_tokens": symbols, "gpt_start_text_token": 5, "gpt_stop_text_token": 0}
    return XttsArgs(**own, **sounds, **texts, gpt_max_text_tokens=200, gpt_max_prompt_tokens=8, decoder_input_dim=64)


def main(folder: Path) -> None:
    alice = vits()
    alice.config.update(ESPEAK)
    write(alice, folder / "alice")
    write_vocoder(write(glow_tts(), folder / "glow"), 22_050)
    write_xtts(folder / "guest", "Ann", "Bo")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
