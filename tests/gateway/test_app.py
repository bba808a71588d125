"""The OpenAPI document is true: whatever schemathesis sends, the answer is one that the document describes."""

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.serving import CHECKS

POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
CALLS = [("GET", "/v1/models"), ("GET", "/v1/models/{model_id}"), ("GET", "/v1/audio/models")]
WITH_BODY = [("POST", "/v1/speech/plan"), ("POST", "/v1/speech/emotional"), ("POST", "/v1/jobs")]
CALLS += WITH_BODY
_JOB = "/v1/jobs/{job_id}"
CALLS += [("GET", "/v1/jobs"), ("GET", _JOB), ("GET", f"{_JOB}/events"), ("GET", f"{_JOB}/results/{{name}}")]
_FILE = "/v1/files/{file_id}"
CALLS += [("POST", "/v1/files")]  # not among those with a body: a form knows no types that could be wrong
CALLS += [("GET", "/v1/files"), ("GET", _FILE), ("GET", f"{_FILE}/content"), ("DELETE", _FILE)]
CALLS += [("DELETE", "/v1/jobs"), ("DELETE", _JOB), ("POST", f"{_JOB}/retry")]
KEY = {"X-Timbre-Key": "tester"}


@pytest.mark.parametrize(
    ("method", "path", "mode"), [(*call, POSITIVE) for call in CALLS] + [(*call, NEGATIVE) for call in WITH_BODY]
)
def test_every_call_keeps_its_word(address: str, method: str, path: str, mode: schemathesis.GenerationMode) -> None:
    operation = schemathesis.openapi.from_url(f"{address}/openapi.json")[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=15, deadline=None)
    def keeps_its_word(case: schemathesis.Case) -> None:
        checks = CHECKS if mode is POSITIVE else [*CHECKS, negative_data_rejection]
        case.call_and_validate(headers=KEY, checks=checks)

    keeps_its_word()


def test_every_call_is_tried_and_told_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    document = create_app(GatewaySettings(keys=tmp_path_factory.mktemp("keys") / "keys.json")).openapi()
    own = {(verb.upper(), path) for path, item in document["paths"].items() for verb in item if path.startswith("/v1/")}
    assert own == set(CALLS)
    for path, item in document["paths"].items():
        for call in item.values():
            assert call["description"], path
            assert "422" not in call["responses"]
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
