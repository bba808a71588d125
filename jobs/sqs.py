"""A queue of SQS: what it hands out comes again unless it is deleted in time."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared import aws
from shared.problems import Unavailable

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

_PLACE = "queue"
_MOST_AT_ONCE = 10  # SQS's own limit


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as it was received this time."""

    id: str
    body: str
    receipt: str
    receives: int
    """How often it was received, this time included."""


class Queue:
    """One queue. All calls block and raise Unavailable."""

    def __init__(self, client: "SQSClient", url: str, poll_seconds: int, hold_seconds: int) -> None:
        self._client = client
        self._url = url
        self._poll_seconds = poll_seconds
        self.hold_seconds = hold_seconds
        """How long a message that is received or held is hidden from others."""

    def most_receives(self) -> int:
        """Return how often a message is received before it goes to the dead-letter queue."""
        with aws.reported(_PLACE):
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["RedrivePolicy"])
        if "RedrivePolicy" not in answer.get("Attributes", {}):
            raise Unavailable("The queue has no dead-letter queue; see docs/aws-speaker.md.")
        return int(json.loads(answer["Attributes"]["RedrivePolicy"])["maxReceiveCount"])

    def receive(self, most: int) -> list[Message]:
        """Wait for messages and return at most so many, or none if none came in time."""
        with aws.reported(_PLACE):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(most, _MOST_AT_ONCE),
                WaitTimeSeconds=self._poll_seconds,
                VisibilityTimeout=self.hold_seconds,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [_message(found) for found in answer.get("Messages", [])]

    def delete(self, message: Message) -> None:
        """Have done with a message."""
        with aws.reported(_PLACE):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def hide(self, message: Message, seconds: int) -> None:
        """Hide a message for so many seconds from now on; with 0 it is there for others at once."""
        with aws.reported(_PLACE):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
            )


def _message(found: "MessageTypeDef") -> Message:
    receives = found.get("Attributes", {}).get("ApproximateReceiveCount", "1")
    return Message(found["MessageId"], found["Body"], found["ReceiptHandle"], int(receives))


def connect() -> "SQSClient":
    """Return a client that is set up through AWS's usual environment."""
    return aws.session().client("sqs", config=aws.config(read_timeout_seconds=30))  # longer than any poll
