"""Who calls, and which service: by a signature, or, as suits a shell, by the API key itself."""

from typing import Final

from gateway.authorise import presented
from gateway.aws.canonical import SignedRequest
from gateway.aws.contract import contract_of
from gateway.aws.faults import Fault
from gateway.aws.signature import Scope, verified
from gateway.key_store import KeyStore

_REGION: Final = "us-east-1"
"""Of those who name none."""


def scope_of(request: SignedRequest, keys: KeyStore, services: tuple[str, ...]) -> Scope:
    """Return whose call it is, and for what. Raises Fault."""
    secret = presented(request.headers)
    if secret is None:
        return verified(request, keys.signing_secret)
    key_id = keys.verify(secret)
    if key_id is None:
        raise Fault("UnrecognizedClientException", "The API key is unknown, or was revoked.")
    return Scope(key_id, _REGION, _service(request, services))


def _service(request: SignedRequest, services: tuple[str, ...]) -> str:
    """Return the service whose operation X-Amz-Target names, or else the one whose operations have paths."""
    target = request.header("x-amz-target")
    contracts = {service: contract_of(service) for service in services}
    fitting = (name for name, one in contracts.items() if (one.targeted(target) if target else one.is_rest))
    return next(fitting, "")
