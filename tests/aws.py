"""AWS as far as the product uses it: moto's server, which unmodified boto3 clients speak to."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3

from tests.shared.objects.s3_server import running_s3
from tests.started import ROOT

TEMPLATE = ROOT / "deploy" / "aws" / "speaker.yaml"
RECEIVES = 5
"""How often a message is received before it is a dead letter."""


@dataclass(frozen=True)
class Account:
    """What the template makes: a bucket that tells a queue of recordings, a dead-letter queue, a table."""

    bucket: str
    queue: str
    dead: str
    table: str

    @property
    def data(self) -> str:
        return f"s3://{self.bucket}"

    @property
    def results(self) -> str:
        return f"dynamodb://{self.table}"

    def put(self, key: str, recording: bytes) -> None:
        """Put a recording straight into the bucket, as people on AWS do."""
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=recording)

    def send(self, body: str) -> None:
        boto3.client("sqs").send_message(QueueUrl=self.queue, MessageBody=body)

    def waiting(self, queue: str) -> int:
        """Return how many messages of a queue wait, or are being worked on."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def items(self) -> dict[str, Any]:
        """Return the items of the table by recording, as anybody reads them."""
        found = boto3.resource("dynamodb").Table(self.table).scan()["Items"]
        return {str(item["recording"]): item for item in found}


@contextmanager
def running_aws() -> Iterator[str]:
    """Start the server, point AWS's usual environment at it, and yield its address."""
    with running_s3() as address:
        yield address


def new_account() -> Account:
    """Make all of the template anew, and what moto leaves out of it: notification and time to live."""
    name = f"timbre-{token_hex(6)}"
    made = stack(TEMPLATE, name, BucketName=name)
    account = Account(
        made["Data"].removeprefix("s3://"),
        made["QueueUrl"],
        made["DeadLetterQueueUrl"],
        made["Results"].removeprefix("dynamodb://"),
    )
    _announce(account)
    boto3.client("dynamodb").update_time_to_live(
        TableName=account.table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    return account


def stack(template: Path, name: str, **parameters: str) -> dict[str, str]:
    """Make what a template has, and return its outputs."""
    cloudformation = boto3.client("cloudformation")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # moto knows no policies of queues, and asks for none
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=template.read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert made["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


def _announce(account: Account) -> None:
    sqs = boto3.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=account.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules: Any = [{"Name": "prefix", "Value": "recordings/"}]
    configuration: Any = {
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    boto3.client("s3").put_bucket_notification_configuration(
        Bucket=account.bucket, NotificationConfiguration={"QueueConfigurations": [configuration]}
    )
