"""What schemathesis makes of the service's own description."""

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word() -> None:
    with served(create_app(SpeakerSettings(speaker_engine="fake"))) as address:
        keeps_its_word(address)
