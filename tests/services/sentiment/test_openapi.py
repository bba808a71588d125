"""What schemathesis makes of the service's own description, against a real server: no 5xx, no schema break."""

import threading
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.sentiment.app import create_app
from services.sentiment.language import LanguageCheck
from services.sentiment.settings import SentimentSettings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def api(language_check: LanguageCheck) -> Iterator[schemathesis.schemas.BaseSchema]:
    app = create_app(SentimentSettings(sentiment_engine="fake"), language_check)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    server.should_exit = True
    thread.join()


def test_every_call_keeps_its_word(api: schemathesis.schemas.BaseSchema) -> None:
    for operation in (result.ok() for result in api.get_all_operations()):

        @given(case=operation.as_strategy())
        @settings(max_examples=30, deadline=None)
        def keeps_its_word(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        keeps_its_word()
