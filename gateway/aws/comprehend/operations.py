"""Comprehend's operations."""

from gateway.aws.call import Offered

COMPREHEND = Offered(operations={}, invalid="InvalidRequestException", failure="InternalServerException", errors={})
