"""Outcomes in a table of DynamoDB, whose key is `recording`, a string, and which removes items by `expires`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gateway.speaker.predictions import SPARE, Outcome, Predictions
from shared import aws
from shared.dynamodb import decoded, encoded

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

_ABSENT_OTHER_OR_FAILED = "attribute_not_exists(recording) OR etag <> :etag OR attribute_not_exists(prediction)"
_PLACE = "table of predictions"


class DynamoDBPredictions(Predictions):
    """Items with `recording`, `etag`, `prediction` or `problem` (maps), and `expires` (seconds since 1970)."""

    def __init__(self, client: "DynamoDBClient", table: str, retention: timedelta) -> None:
        self._client = client
        self._table = table
        self._kept_seconds = (retention + SPARE).total_seconds()

    def get(self, key: str) -> Outcome | None:
        """Read one item, as it was last written anywhere."""
        with aws.reported(_PLACE):
            answer = self._client.get_item(TableName=self._table, Key=encoded({"recording": key}), ConsistentRead=True)
        return _outcome(answer["Item"]) if "Item" in answer else None

    def put(self, key: str, outcome: Outcome) -> None:
        """Write one item, or leave the one that is there, in one conditional put."""
        members = {name: value for name, value in asdict(outcome).items() if value is not None}
        item = {"recording": key, **members, "expires": int(time.time() + self._kept_seconds)}
        with aws.reported(_PLACE), _unless_refused():
            self._client.put_item(
                TableName=self._table,
                Item=encoded(item),
                ConditionExpression=_ABSENT_OTHER_OR_FAILED,
                ExpressionAttributeValues=encoded({":etag": outcome.etag}),
            )

    def delete(self, key: str) -> None:
        """Remove one item."""
        with aws.reported(_PLACE):
            self._client.delete_item(TableName=self._table, Key=encoded({"recording": key}))

    def expire(self, before: datetime) -> None:
        """Leave it to DynamoDB, which removes items by their `expires`."""


@contextmanager
def _unless_refused() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if aws.code_of(error) != "ConditionalCheckFailedException":
            raise


def _outcome(item: dict[str, Any]) -> Outcome:
    plain = decoded(item)
    return Outcome(plain["etag"], plain.get("prediction"), plain.get("problem"))
