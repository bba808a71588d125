"""What schemathesis makes of the service's own description."""

from services.sentiment.app import create_app
from services.sentiment.identifier import Identifier
from services.sentiment.settings import SentimentSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word(identifier: Identifier) -> None:
    with served(create_app(SentimentSettings(sentiment_engine="fake"), identifier)) as address:
        keeps_its_word(address)
