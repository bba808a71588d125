"""Several models are served side by side; the one that is named listens."""

from pathlib import Path

import pytest

from services.keywords.settings import KeywordsSettings
from shared.audio import encode
from shared.problems import ModelNotFound
from shared.store import ModelStore
from tests.services.keywords.conftest import Serve
from tests.services.keywords.onnx_model import write_model
from tests.services.keywords.tones import spoken

PATH = "/v1/audio/keywords"
CLIP = encode(spoken("yes"), "wav")
pytestmark = pytest.mark.anyio


@pytest.fixture
def location(store: ModelStore, tmp_path: Path) -> dict[str, str]:
    """Settings for a store with two models."""
    store.publish(write_model(tmp_path / "second"), "digits", "3")
    return {
        "keywords_engine": "onnx",
        "models": str(tmp_path / "store"),
        "models_cache": str(tmp_path / "cache"),
        "data": str(tmp_path / "data"),
    }


@pytest.mark.parametrize(
    ("named", "heard"),
    [({}, "keywords/1"), ({"model": "digits"}, "digits/3"), ({"model": "digits/3"}, "digits/3")],
)
async def test_the_model_that_is_named_listens(
    serve: Serve, location: dict[str, str], named: dict[str, str], heard: str
) -> None:
    async with serve(**location) as http:
        answer = await http.post(PATH, files={"file": CLIP}, data=named)
    assert answer.json()["model"] == heard


@pytest.mark.parametrize("name", ["digits/4", "other", "keywords/3"])
async def test_a_model_or_version_that_is_not_served_is_not_found(
    serve: Serve, location: dict[str, str], name: str
) -> None:
    async with serve(**location) as http:
        answer = await http.post(PATH, files={"file": CLIP}, data={"model": name})
    assert answer.status_code == 404


async def test_a_further_model_that_is_not_there_is_left_out(serve: Serve, location: dict[str, str]) -> None:
    async with serve(**location, keywords_further_models="digits, home") as http:
        for name, status in (("digits", 200), ("home", 404)):
            answer = await http.post(PATH, files={"file": CLIP}, data={"model": name})
            assert answer.status_code == status


async def test_the_default_has_to_be_there(serve: Serve, location: dict[str, str]) -> None:
    with pytest.raises(ModelNotFound):
        async with serve(**location, keywords_model="home"):
            pass


def test_names_are_told_once_each_the_default_first() -> None:
    settings = KeywordsSettings(keywords_model="home", keywords_further_models=" digits,home ,,music")
    assert settings.model_names == ("home", "digits", "music")
