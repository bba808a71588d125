"""A model of Coqui's that is open, and has spoken."""

import logging
from dataclasses import dataclass
from pathlib import Path

import torch

from services.tts.coqui.model import read_coqui
from services.tts.coqui.network import CoquiNetwork
from services.tts.engines.voice_session import require_sound
from services.tts.parameters import VoiceParameters


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A network and how it is asked."""

    parameters: VoiceParameters
    network: CoquiNetwork


def open_coqui(folder: Path, threads: int) -> tuple[OpenedModel, dict[str, int]]:
    """Open a model, whose last speaker has to speak; return its speakers, too. Raises InvalidInput, ModelCorrupt.

    All of torch works with that many threads from then on.
    """
    logging.getLogger("TTS").setLevel(logging.ERROR)  # it tells of everything that is as usual
    torch.set_num_threads(threads)
    model = read_coqui(folder)
    opened = OpenedModel(model.parameters, CoquiNetwork(model, folder))
    require_sound(opened.network, model.parameters, max(model.speakers.values(), default=0))
    return opened, model.speakers
