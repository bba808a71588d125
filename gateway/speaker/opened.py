"""From a location as an operator writes it to where predictions are kept."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from gateway.jobs.database import open_engine
from gateway.speaker.database import DatabasePredictions
from gateway.speaker.predictions import Predictions
from shared.problems import InvalidInput

_DYNAMODB = "dynamodb://"
_TABLE = re.compile("[A-Za-z0-9_.-]{3,255}")


@contextmanager
def open_predictions(location: str, retention: timedelta) -> Iterator[Predictions]:
    """Yield what is behind "dynamodb://table", or a database as `open_engine` takes it. Raises InvalidInput."""
    if location.startswith(_DYNAMODB):
        yield _dynamodb(location.removeprefix(_DYNAMODB), retention)
        return
    engine = open_engine(location)
    try:
        yield DatabasePredictions(engine)
    finally:
        engine.dispose()


def _dynamodb(table: str, retention: timedelta) -> Predictions:
    if not _TABLE.fullmatch(table):
        raise InvalidInput("TIMBRE_SPEAKER_RESULTS names a table as dynamodb://TABLE.")
    from gateway.speaker.dynamodb import DynamoDBPredictions, connect  # boto3 costs half a second

    return DynamoDBPredictions(connect(), table, retention)
