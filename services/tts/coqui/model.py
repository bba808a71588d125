"""A folder that Coqui left, as a network that can be asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from services.tts.coqui.config import read_config
from services.tts.coqui.families import Family, family_of, settled
from services.tts.coqui.statistics import scale
from services.tts.coqui.symbols import characters_of, parameters_of
from services.tts.coqui.weights import WithoutMemory, speakers_in, weights_in
from services.tts.parameters import VoiceParameters
from shared.engines import find_engine
from shared.problems import InvalidInput

_OTHER = (RuntimeError, TypeError, ValueError, KeyError, AttributeError, AssertionError, IndexError)


class CoquiModel(NamedTuple):
    """A network, and how it is asked; the index of each speaker by name: none where there is only one."""

    network: Any
    family: Family
    sample_rate_hz: int
    parameters: VoiceParameters
    speakers: dict[str, int]


def read_coqui(folder: Path) -> CoquiModel:
    """Read a folder. Raises InvalidInput, which says what of it cannot be used here."""
    told = read_config(folder)
    family, config = family_of(told), settled(told)
    characters = characters_of(config)
    parameters = parameters_of(config, characters)
    weights = weights_in(folder)
    names = speakers_in(folder, list(config.speakers), weights)
    for part in (config, config.model_args):
        part.speakers, part.num_chars = names, characters.num_chars
    network = _network(family, config, weights)
    if not family.gives_sound:
        scale(network.ap, told, folder)
    return CoquiModel(
        network,
        family,
        config.audio.sample_rate,
        parameters,
        {name: index for index, name in enumerate(names)} if len(names) > 1 else {},
    )


def _network(family: Family, config: Any, weights: Mapping[str, torch.Tensor]) -> Any:
    """Return the network, without Coqui's own way from text to symbols, which would open more, and log texts."""
    try:
        kind: Any = type("Network", (find_engine({"network": family.network}, "network"),), {"tokenizer": None})
        with WithoutMemory():
            network = kind(config)
        network.load_state_dict(weights, assign=True)
    except _OTHER as error:
        raise InvalidInput("Its weights are not those of the network that its configuration describes.") from error
    return network.float().eval()
