"""What schemathesis makes of the service's own description."""

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word() -> None:
    with served(create_app(KeywordsSettings(keywords_engine="fake"))) as address:
        keeps_its_word(address)
