"""What the gateway is told of open models."""

import pytest

from services.stt.app import create_app
from services.stt.settings import SttSettings
from tests.serving import in_process

pytestmark = pytest.mark.anyio


async def test_open_models_are_listed_the_default_first() -> None:
    settings = SttSettings(stt_engine="fake", stt_further_models="pocketsphinx,not-there", models="/nowhere")
    async with in_process(create_app(settings)) as service:
        default, further = (await service.get("/models")).json()["models"]
    assert default == {
        "model": "fake/1",
        "languages": [],
        "detects_language": False,
        "translates": True,
        "takes_prompt": True,
        "takes_keywords": True,
    }
    assert further["model"].startswith("pocketsphinx/")
    assert (further["languages"], further["translates"]) == (["en"], False)
