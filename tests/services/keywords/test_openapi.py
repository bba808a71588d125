"""What schemathesis makes of the service's own description."""

from pathlib import Path

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word(tmp_path: Path) -> None:
    with served(create_app(KeywordsSettings(keywords_engine="fake", data=str(tmp_path)))) as address:
        keeps_its_word(address, headers={"X-Timbre-Key": "alice"})
