"""Polly's operations."""

from gateway.aws.call import Offered

POLLY = Offered(operations={}, invalid="ValidationException", failure="ServiceFailureException", errors={})
