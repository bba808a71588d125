"""What a network's export says of it, in facts.json beside its model.onnx."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.problems import InvalidInput, Json, NotFound
from shared.store.manifest import Name, Text, VoiceStyle, summary

FACTS, NETWORK = "facts.json", "model.onnx"
NEUTRAL = "neutral"


class Facts(BaseModel):
    """What the manifest says of the network alone: which engine speaks with it, and how."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: Name
    sample_rate_hz: Annotated[int, Field(gt=0)]
    languages: Annotated[list[Text], Field(min_length=1)]
    parameters: dict[str, Json]
    emotions: Annotated[tuple[Name, ...], Field(min_length=1)] = (NEUTRAL,)
    """In the order of the indexes that the network is asked with."""
    trained: dict[str, Any] = {}
    """How: what the card shows of it."""

    def voices(self, name: str) -> list[VoiceStyle]:
        """Return the ways in which a voice of that name speaks; its usual one is neutral, if it has that."""
        if len(self.emotions) == 1:
            return [VoiceStyle(voice=name)]
        usual = self.emotions.index(NEUTRAL) if NEUTRAL in self.emotions else 0
        others = [
            VoiceStyle(voice=name, emotion=emotion, speaker=index)
            for index, emotion in enumerate(self.emotions)
            if emotion != NEUTRAL
        ]
        return [VoiceStyle(voice=name, speaker=usual), *others]


def read_facts(network: Path) -> Facts:
    """Return the facts in the folder of a network. Raises NotFound, InvalidInput."""
    try:
        return Facts.model_validate_json((network / FACTS).read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"There is no {FACTS}: the network was not exported.") from error
    except ValidationError as error:
        raise InvalidInput(f"{FACTS} is wrong: {summary(error)}") from error
