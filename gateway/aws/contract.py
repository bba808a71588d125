"""What AWS says of a service, in the models that botocore brings: operations, shapes, limits, errors."""

from collections.abc import Mapping
from functools import cache, cached_property

from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from gateway.aws.paths import Paths

_VERSION = "service-2"


class Contract:
    """One service's model."""

    def __init__(self, service: str) -> None:
        """Load a model. Raises botocore.exceptions.UnknownServiceError."""
        self._model = ServiceModel(Loader().load_service_model(service, _VERSION), service)
        self.is_rest = "rest-json" in self._model.metadata["protocols"]
        self.media_type = "application/json" if self.is_rest else "application/x-amz-json-1.1"

    @property
    def operation_names(self) -> list[str]:
        """All that AWS has."""
        return list(self._model.operation_names)

    def operation(self, name: str) -> OperationModel | None:
        """Return an operation by its name, or None."""
        try:
            return self._model.operation_model(name)
        except OperationNotFoundError:
            return None

    def targeted(self, target: str) -> OperationModel | None:
        """Return the operation that the header X-Amz-Target names, or None."""
        prefix, _, name = target.partition(".")
        return self.operation(name) if prefix == self._model.metadata.get("targetPrefix") else None

    @cached_property
    def paths(self) -> Paths:
        """The operations by method and path."""
        operations = map(self._model.operation_model, self.operation_names)
        return Paths((one.http["method"], one.http["requestUri"], one.name) for one in operations)

    def status_of(self, code: str) -> int | None:
        """Return the HTTP status of an error, where the model tells one; faults of the service are 500."""
        if code not in self._errors:
            return None
        error = self._errors[code]
        told = error.get("error", {}).get("httpStatusCode")
        return int(told) if told else (500 if error.get("fault") else 400)

    @cached_property
    def _errors(self) -> Mapping[str, dict[str, dict[str, int]]]:
        return {shape.name: shape.metadata for shape in self._model.error_shapes}


@cache
def contract_of(service: str) -> Contract:
    """Return the contract of `polly`, `comprehend` or `transcribe`, loaded once."""
    return Contract(service)
