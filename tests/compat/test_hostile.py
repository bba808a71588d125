"""Whatever is sent to any operation, a client's fault is answered as one, in words and under a name of AWS's."""

from typing import Any

import httpx
import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.aws.contract import contract_of
from gateway.aws.offers import OFFERS
from tests.compat.conftest import REGION, credentials
from tests.stack import BUCKET
from tests.started import Started

pytestmark = pytest.mark.timeout(300)
OPERATIONS = [(service, name) for service, offered in OFFERS.items() for name in offered.operations]
COMMON = {"AccessDeniedException", "ThrottlingException", "UnknownOperationException", "ValidationException"}
MARK = "user-text-4711"
TEXTS = st.sampled_from(
    [
        *("", "a", "en", "en-US", "slt", "slt-angry", "mine", MARK, "x" * 12_000, "é" * 300),
        *("../../etc/passwd", "a\x00b", "\ud7ff", "<speak>&x;</speak>"),
        *(f"s3://{BUCKET}/a", "s3://other/a", "http://127.0.0.1/", "file:///etc/passwd"),
    ]
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False),
    TEXTS, st.just([]), st.just({}), st.just([[MARK]]), st.just({MARK: MARK}),
)  # fmt: skip


def likely(shape: Shape) -> st.SearchStrategy[Any]:
    """Values as the model has them."""
    if isinstance(shape, StructureShape):
        members = {name: likely(member) for name, member in shape.members.items()}
        needed = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(needed, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(likely(shape.member), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(TEXTS, likely(shape.value), max_size=2)
    if enum := shape.metadata.get("enum"):
        return st.sampled_from(enum)
    kinds = {"boolean": st.booleans(), "integer": st.integers(-1, 600), "long": st.integers(-1, 600)}
    kinds |= {"float": st.floats(0, 1), "double": st.floats(0, 1), "timestamp": st.floats(0, 2e9)}
    return kinds.get(shape.type_name, TEXTS)


def bodies(operation: OperationModel) -> st.SearchStrategy[Any]:
    """Inputs that are right, that have one member of another kind, and that are none."""
    if operation.input_shape is None:
        return JUNK
    right = likely(operation.input_shape)
    names = sorted(operation.input_shape.members)
    wrong = st.tuples(right, st.sampled_from(names), JUNK).map(lambda parts: {**parts[0], parts[1]: parts[2]})
    return st.one_of(right, right, wrong, wrong, JUNK)


def signed(stack: Started, key: str, service: str, operation: OperationModel, body: Any) -> httpx.Request:
    path = operation.http["requestUri"]
    for name in ("LexiconName", "TaskId"):
        path = path.replace(f"{{{name}}}", "mine")
    content = b"" if operation.http["method"] in {"GET", "DELETE"} else orjson.dumps(body)
    headers = {"X-Amz-Target": f"{operation.service_model.metadata.get('targetPrefix')}.{operation.name}"}
    address = f"http://127.0.0.1:{stack.port}{path}"
    request = AWSRequest(operation.http["method"], address, headers, content)
    told = credentials(key)
    SigV4Auth(Credentials(told["aws_access_key_id"], told["aws_secret_access_key"]), service, REGION).add_auth(request)
    return httpx.Request(request.method, address, headers=dict(request.headers), content=content)


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_no_input_is_our_fault(stack: Started, key: str, service: str, name: str) -> None:
    contract = contract_of(service)
    operation = contract.operation(name)
    assert operation is not None

    @given(body=bodies(operation))
    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def one_call(body: Any) -> None:
        answer = http.send(signed(stack, key, service, operation, body))
        if answer.status_code < 300:
            return
        code = answer.headers["x-amzn-errortype"]
        assert answer.status_code < 500, (body, answer.text)
        assert code in COMMON or contract.status_of(code) == answer.status_code
        assert answer.json()["message"].strip()
        assert MARK not in answer.text.replace(f"s3://{BUCKET}", "")

    with httpx.Client(trust_env=False, timeout=60) as http:
        one_call()


def test_nothing_of_it_is_in_the_log(stack: Started) -> None:
    assert MARK not in stack.output
    assert "Traceback" not in stack.output
