"""What schemathesis makes of the service's own description."""

from services.sentiment.app import create_app
from services.sentiment.language import LanguageCheck
from services.sentiment.settings import SentimentSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word(language_check: LanguageCheck) -> None:
    with served(create_app(SentimentSettings(sentiment_engine="fake"), language_check)) as address:
        keeps_its_word(address)
