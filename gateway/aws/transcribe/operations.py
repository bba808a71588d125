"""Transcribe's operations."""

from gateway.aws.call import Offered

TRANSCRIBE = Offered(operations={}, invalid="BadRequestException", failure="InternalFailureException", errors={})
