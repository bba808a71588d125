"""Every way to keep outcomes does the same: SQLite, PostgreSQL where it is installed, DynamoDB."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import pytest
import sqlalchemy as sa

from gateway.jobs.database import open_engine
from gateway.speaker.opened import open_predictions
from gateway.speaker.predictions import Outcome, Predictions
from shared.problems import InvalidInput, Unavailable
from tests.aws import Account, new_account
from tests.gateway.jobs.postgres import is_installed, running_postgres

RETENTION = timedelta(days=30)
ANSWER = {
    "model": "a/1",
    "speech_seconds": 3.1400000000000001,
    "gender": {"label": "female", "scores": {"female": 0.1 + 0.2, "male": 1e-129}, "reason": None},
    "age": {"years": 34.0, "interval": [1e-7, 123456789.123456], "group": "adult", "reason": None},
}
PROBLEM = {"type": "urn:timbre:problem:busy", "title": "Später", "status": 429, "error": {"param": None}}

Open = Callable[[], AbstractContextManager[Predictions]]


@pytest.fixture(scope="module")
def account(aws: str) -> Account:
    return new_account()


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with running_postgres() as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgresql", "dynamodb"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "dynamodb":
        return str(request.getfixturevalue("account").results)
    if request.param == "postgresql":
        if not is_installed():
            pytest.skip("needs PostgreSQL: postgresql")
        return str(request.getfixturevalue("postgres_url"))
    return str(tmp_path / "state" / "jobs.sqlite")


@pytest.fixture
def predictions(location: str) -> Iterator[Predictions]:
    with open_predictions(location, RETENTION) as predictions:
        yield predictions


@pytest.fixture
def key() -> str:
    return f"recordings/{token_hex(8)}/Größe +%2F.wav"


def test_nothing_is_known_at_first(predictions: Predictions, key: str) -> None:
    assert predictions.get(key) is None
    predictions.delete(key)


def test_what_is_put_is_got_to_the_last_digit(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    assert predictions.get(key) == Outcome("a", ANSWER)
    predictions.put(f"{key}2", Outcome("a", problem=PROBLEM))
    assert predictions.get(f"{key}2") == Outcome("a", problem=PROBLEM)


def test_it_outlives_the_process(location: str, predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    with open_predictions(location, RETENTION) as others:
        assert others.get(key) == Outcome("a", ANSWER)


def test_the_first_prediction_of_a_version_stays(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    predictions.put(key, Outcome("a", {"model": "b/2"}))
    predictions.put(key, Outcome("a", problem=PROBLEM))
    assert predictions.get(key) == Outcome("a", ANSWER)


def test_another_version_takes_its_place(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    predictions.put(key, Outcome("b", {"model": "b/2"}))
    assert predictions.get(key) == Outcome("b", {"model": "b/2"})
    predictions.put(key, Outcome("c", problem=PROBLEM))
    assert predictions.get(key) == Outcome("c", problem=PROBLEM)


def test_a_prediction_takes_the_place_of_a_failure(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", problem=PROBLEM))
    predictions.put(key, Outcome("a", ANSWER))
    assert predictions.get(key) == Outcome("a", ANSWER)


def test_of_many_at_once_one_wins(predictions: Predictions, key: str) -> None:
    seen: list[Outcome | None] = []

    def put(number: int) -> None:
        predictions.put(key, Outcome("a", {"number": number}))
        seen.append(predictions.get(key))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(24)))
    assert len(seen) == 24
    assert len({str(one) for one in seen}) == 1


def test_what_is_deleted_is_gone_and_may_come_again(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    predictions.delete(key)
    assert predictions.get(key) is None
    predictions.put(key, Outcome("a", {"model": "b/2"}))
    assert predictions.get(key) == Outcome("a", {"model": "b/2"})


def test_fresh_outcomes_do_not_expire(predictions: Predictions, key: str) -> None:
    predictions.put(key, Outcome("a", ANSWER))
    predictions.expire(datetime.now(UTC))  # there is a day to spare
    assert predictions.get(key) is not None


def test_old_rows_expire(tmp_path: Path) -> None:
    path = str(tmp_path / "jobs.sqlite")
    with open_predictions(path, RETENTION) as predictions:
        for name in ("old", "new"):
            predictions.put(name, Outcome("a", ANSWER))
        engine = open_engine(path)
        with engine.begin() as connection:
            age = "update timbre_predictions set written_seconds = written_seconds - 86400 * 32 where recording = 'old'"
            connection.execute(sa.text(age))
        engine.dispose()
        predictions.expire(datetime.now(UTC) - RETENTION)
        assert (predictions.get("old"), predictions.get("new")) == (None, Outcome("a", ANSWER))


def test_items_are_for_anybody_to_read_and_expire_by_themselves(account: Account, key: str) -> None:
    with open_predictions(account.results, RETENTION) as predictions:
        predictions.put(key, Outcome("a", ANSWER))
    item: dict[str, Any] = account.items()[key]
    assert item["prediction"]["gender"]["label"] == "female"
    assert item["etag"] == "a"
    assert "problem" not in item
    assert 30.9 * 86400 < int(item["expires"]) - time.time() < 31.1 * 86400
    told = boto3.client("dynamodb").describe_time_to_live(TableName=account.table)["TimeToLiveDescription"]
    assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}


def test_what_dynamodb_cannot_tell_from_nothing_is_nothing(account: Account, key: str) -> None:
    with open_predictions(account.results, RETENTION) as predictions:
        predictions.put(key, Outcome("a", {"least": 5e-324, "none": 0.0, "less": -1e-200}))
        assert predictions.get(key) == Outcome("a", {"least": 0, "none": 0, "less": 0})


def test_tables_that_are_away_are_unavailable(aws: str, tmp_path: Path) -> None:
    with open_predictions("dynamodb://nowhere", RETENTION) as predictions:
        for call in (lambda: predictions.get("a"), lambda: predictions.put("a", Outcome("a", ANSWER))):
            with pytest.raises(Unavailable, match="ResourceNotFoundException"):
                call()
    path = tmp_path / "jobs.sqlite"
    with open_predictions(str(path), RETENTION) as predictions:
        engine = open_engine(str(path))
        with engine.begin() as connection:
            connection.execute(sa.text("drop table timbre_predictions"))
        engine.dispose()
        with pytest.raises(Unavailable):
            predictions.get("a")


@pytest.mark.parametrize("location", ["dynamodb://", "dynamodb://a b", "dynamodb://table/more", "redis://there"])
def test_other_locations_are_refused(location: str) -> None:
    with pytest.raises(InvalidInput), open_predictions(location, RETENTION):
        pass
