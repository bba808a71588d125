"""The catalogue in a table of DynamoDB, whose key is `id` and whose two indexes answer every question.

`deploy/aws/dataset.yaml` makes it. Nothing is ever scanned.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared import aws
from shared.dynamodb import decoded, encoded
from shared.problems import Conflict, Unavailable
from training.speaker.data.catalogue import AT_WORK, DEALT_ALREADY, Catalogue, Note, Wanted
from training.speaker.data.clip import Clip, Speaker
from training.speaker.data.items import (
    DATA_SETS,
    clip_item,
    clip_of,
    import_id,
    location_name,
    locations_of,
    questions,
    speaker_item,
    speaker_of,
    speaker_questions,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

_PLACE = "catalogue"
_WRITE_ITEMS = 25
_TRANSACTION_ITEMS = 100
_WRITERS = 8
_WRITE_ATTEMPTS = 10
_LONGEST_PAUSE_SECONDS = 10.0
_REFUSED = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})


class DynamoDBCatalogue(Catalogue):
    """Items for clips, speakers, imports, and one for all data sets."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def note(self, source: str) -> Note | None:
        """Read one item, as it was last written."""
        item = self._get(import_id(source))
        return Note(item["version"], item["clips"], item["is_done"]) if item else None

    def add(self, clips: Sequence[Clip], source: str, before: Note | None, after: Note) -> None:
        """Write the clips in batches, which may be done again without harm, and then the note, on its condition."""
        items = list({item["id"]: item for item in map(clip_item, clips)}.values())
        batches = [items[start : start + _WRITE_ITEMS] for start in range(0, len(items), _WRITE_ITEMS)]
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._write, batches))
        if not self._noted(source, before, after) and self.note(source) != after:  # a lost answer may have been ours
            raise Conflict(AT_WORK)

    def speakers(self) -> Iterator[Speaker]:
        """Ask the index, split by split."""
        for question in speaker_questions():
            yield from map(speaker_of, self._answers(question))

    def remember(self, speakers: Sequence[Speaker]) -> None:
        """Put a hundred at a time, each hundred whole or not at all, on condition that none of them is there."""
        rest = iter(speakers)
        while some := list(islice(rest, _TRANSACTION_ITEMS)):
            puts = [self._put_if(speaker_item(speaker), "attribute_not_exists(id)") for speaker in some]
            with aws.reported(_PLACE), _refused(DEALT_ALREADY):
                self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def locations(self) -> dict[str, str]:
        """Read one item."""
        return locations_of(self._get(DATA_SETS))

    def locate(self, data_set: str, location: str) -> None:
        """Set one attribute of one item."""
        with aws.reported(_PLACE):
            self._client.update_item(
                TableName=self._table,
                Key=encoded({"id": DATA_SETS}),
                UpdateExpression="SET #name = :location",
                ExpressionAttributeNames={"#name": location_name(data_set)},
                ExpressionAttributeValues=encoded({":location": location}),
            )

    def clips(self, wanted: Wanted) -> Iterator[Clip]:
        """Ask the index that knows most of what is wanted, page by page."""
        for question in questions(wanted, sorted(self.locations())):
            yield from map(clip_of, self._answers(question))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, key: str) -> dict[str, Any]:
        with aws.reported(_PLACE):
            answer = self._client.get_item(TableName=self._table, Key=encoded({"id": key}), ConsistentRead=True)
        return decoded(answer.get("Item", {}))

    def _write(self, items: Sequence[dict[str, Any]]) -> None:
        """Put items; what DynamoDB leaves undone, as it is busy, is asked for again after a growing pause."""
        requests: Any = {self._table: [{"PutRequest": {"Item": encoded(item)}} for item in items]}
        for attempt in range(_WRITE_ATTEMPTS):
            with aws.reported(_PLACE):
                requests = self._client.batch_write_item(RequestItems=requests)["UnprocessedItems"]
            if not requests:
                return
            time.sleep(SystemRandom().uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.1 * 2**attempt)))
        raise Unavailable("The table takes no more just now; the same import goes on where this one stopped.")

    def _noted(self, source: str, before: Note | None, after: Note) -> bool:
        """Write a note; return False where the one that is there is not `before`."""
        put = self._put_if({"id": import_id(source), **after._asdict()}, "attribute_not_exists(id)")
        if before:
            put["ConditionExpression"] = "version = :version AND clips = :clips AND is_done = :is_done"
            put["ExpressionAttributeValues"] = encoded({f":{name}": value for name, value in before._asdict().items()})
        with aws.reported(_PLACE):
            try:
                self._client.put_item(**put)
            except ClientError as error:
                if aws.code_of(error) not in _REFUSED:
                    raise
                return False
        return True

    def _put_if(self, item: dict[str, Any], condition: str) -> Any:
        return {"TableName": self._table, "Item": encoded(item), "ConditionExpression": condition}

    def _answers(self, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
        pages = iter(self._client.get_paginator("query").paginate(TableName=self._table, **question))
        while True:
            with aws.reported(_PLACE):
                page = next(pages, None)
            if page is None:
                return
            yield from map(decoded, page["Items"])


@contextmanager
def _refused(why: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if aws.code_of(error) not in _REFUSED:
            raise
        raise Conflict(why) from error
