"""DynamoDB as all parts of the product use it: how a table is named, the client, and items as plain members."""

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from shared import aws
from shared.problems import InvalidInput

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

SCHEME = "dynamodb://"
_TABLE = re.compile("[A-Za-z0-9_.-]{3,255}")
_LEAST = Decimal("1e-130")


def table_of(location: str) -> str:
    """Return the name of the table that "dynamodb://table" names. Raises InvalidInput."""
    table = location.removeprefix(SCHEME)
    if not location.startswith(SCHEME) or not _TABLE.fullmatch(table):
        raise InvalidInput("A table is named as dynamodb://TABLE.")
    return table


def connect(*, attempts: int = 3) -> "DynamoDBClient":
    """Return a client that is set up through AWS's usual environment."""
    return aws.session().client("dynamodb", config=aws.config(attempts=attempts))


def encoded(members: dict[str, Any]) -> dict[str, Any]:
    """Return members as DynamoDB's client takes them: numbers exact, to their last digit."""
    exact = json.loads(json.dumps(members), parse_float=_decimal)
    return {name: TypeSerializer().serialize(value) for name, value in exact.items()}


def decoded(item: dict[str, Any]) -> dict[str, Any]:
    """Return the members of an item as JSON has them."""
    members = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    plain: dict[str, Any] = json.loads(json.dumps(members, default=_number))
    return plain


def _decimal(digits: str) -> Decimal:
    """Return a number as DynamoDB takes it: no binary fraction, and zero if it is closer to zero than it can say."""
    return Decimal(digits) if abs(Decimal(digits)) >= _LEAST else Decimal()


def _number(exact: Decimal) -> int | float:
    is_whole = exact == exact.to_integral_value() and abs(exact) < 2**53
    return int(exact) if is_whole else float(exact)
