"""What schemathesis makes of the service's own description."""

from services.stt.app import create_app
from services.stt.settings import SttSettings
from tests.serving import keeps_its_word, served


def test_every_call_keeps_its_word() -> None:
    with served(create_app(SttSettings(stt_engine="fake"))) as address:
        keeps_its_word(address)
