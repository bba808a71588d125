"""From a location as an operator writes it to where predictions are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from gateway.jobs.database import open_engine
from gateway.speaker.database import DatabasePredictions
from gateway.speaker.predictions import Predictions

_DYNAMODB = "dynamodb://"


@contextmanager
def open_predictions(location: str, retention: timedelta) -> Iterator[Predictions]:
    """Yield what is behind "dynamodb://table", or a database as `open_engine` takes it. Raises InvalidInput."""
    if location.startswith(_DYNAMODB):
        yield _dynamodb(location, retention)
        return
    engine = open_engine(location)
    try:
        yield DatabasePredictions(engine)
    finally:
        engine.dispose()


def _dynamodb(location: str, retention: timedelta) -> Predictions:
    from gateway.speaker.dynamodb import DynamoDBPredictions  # boto3 costs half a second
    from shared.dynamodb import connect, table_of

    return DynamoDBPredictions(connect(), table_of(location), retention)
