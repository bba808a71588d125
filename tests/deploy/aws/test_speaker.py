"""The template for AWS is well formed, and says what the product relies on."""

from cfnlint.api import lint_file

from jobs.settings import SpeakerWorkerSettings
from tests.aws import RECEIVES, TEMPLATE


def test_cloudformation_would_take_it() -> None:
    assert [str(fault) for fault in lint_file(TEMPLATE)] == []


def test_it_says_what_the_product_relies_on() -> None:
    text = TEMPLATE.read_text()
    hold = SpeakerWorkerSettings.model_fields["speaker_hold_seconds"].default
    for line in (
        f"maxReceiveCount: {RECEIVES}",
        "{Name: prefix, Value: recordings/}",
        "{AttributeName: recording, KeyType: HASH}",
        "{AttributeName: expires, Enabled: true}",
        f"VisibilityTimeout: {hold}",
    ):
        assert line in text
