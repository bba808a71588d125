"""The template for registering is well formed; what it makes gives the function the events and settings it wants."""

import json
import os
import re
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_file
from moto.events.models import EventPattern

from jobs.register_model import handler
from jobs.register_settings import RegisterSettings
from tests.aws import running_aws, stack
from tests.jobs.test_register_model import event
from tests.started import ROOT

TEMPLATE = ROOT / "deploy" / "aws" / "register.yaml"
IN_THE_ZIP = {
    "annotated_types", "boto3", "botocore", "certifi", "dateutil", "dotenv", "filelock", "jmespath", "pydantic",
    "pydantic_core", "pydantic_settings", "s3transfer", "six", "typing_extensions", "typing_inspection", "urllib3",
}  # fmt: skip


def test_cloudformation_would_take_it() -> None:
    assert [str(fault) for fault in lint_file(TEMPLATE)] == []


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """The stack, of which moto makes all but the retries; the names of what is in it begin with its own."""
    with running_aws():
        name = f"timbre-{token_hex(6)}"
        boto3.client("s3").create_bucket(Bucket=name)
        boto3.client("s3").put_object(Bucket=name, Key="timbre-register.zip", Body=b"PK\5\6" + bytes(18))
        stack(TEMPLATE, name, CodeBucket=name, OutputBucket="jobs", ModelsBucket="models")
        yield name


class TestStack:
    def test_the_function_is_ours_and_has_its_settings(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (function,) = (
            each
            for each in boto3.client("lambda").list_functions()["Functions"]
            if each["FunctionName"].startswith(f"{name}-")
        )
        module, _, attribute = function["Handler"].rpartition(".")
        assert getattr(import_module(module), attribute) is handler
        for variable, value in function["Environment"]["Variables"].items():
            monkeypatch.setenv(variable, value)
        settings = RegisterSettings()
        assert (settings.models, settings.training_output) == ("s3://models/store", "s3://jobs/models")
        (megabytes,) = re.findall(r"EphemeralStorage: {Size: (\d+)}", TEMPLATE.read_text())
        assert int(megabytes) << 20 > 2 * settings.training_most_bytes  # archive and files lie there together

    @pytest.mark.parametrize(
        ("artifact", "status", "is_told"),
        [
            ("s3://jobs/models/timbre-1/output/model.tar.gz", "Completed", True),
            ("s3://jobs/models/timbre-1/output/model.tar.gz", "Failed", False),
            ("s3://jobs/models-not/timbre-1/output/model.tar.gz", "Completed", False),
            ("s3://others/models/timbre-1/output/model.tar.gz", "Completed", False),
        ],
    )
    def test_it_is_told_of_its_own_jobs_alone(self, artifact: str, status: str, is_told: bool, name: str) -> None:
        (rule,) = boto3.client("events").list_rules(NamePrefix=f"{name}-")["Rules"]
        pattern = EventPattern(rule["EventPattern"], json.loads(rule["EventPattern"]))
        assert pattern.matches_event(event(artifact, status=status)) == is_told

    def test_it_may_do_what_it_has_to_and_no_more(self, name: str) -> None:
        roles = (each["RoleName"] for each in boto3.client("iam").list_roles()["Roles"])
        (role,) = (each for each in roles if each.startswith(f"{name}-"))
        policy: Any = boto3.client("iam").get_role_policy(RoleName=role, PolicyName="register")
        document = literal_eval(policy["PolicyDocument"])  # moto gives what it was given, and not as JSON
        allowed = {
            (action, statement["Resource"])
            for statement in document["Statement"]
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
            if action.startswith("s3:")
        }
        assert allowed == {
            ("s3:GetObject", "arn:aws:s3:::jobs/models/*"),
            ("s3:ListBucket", "arn:aws:s3:::models"),
            ("s3:GetObject", "arn:aws:s3:::models/store/*"),
            ("s3:PutObject", "arn:aws:s3:::models/store/*"),
        }


def test_the_function_needs_only_what_is_in_its_zip(tmp_path: Path) -> None:
    script = (
        "import sys, jobs.register_model, shared.objects.s3\n"
        "for module in list(sys.modules.values()):\n"
        "    if 'site-packages/' in (getattr(module, '__file__', None) or ''):\n"
        "        print(module.__name__.partition('.')[0])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    found = set(done.stdout.split()) - {"_distutils_hack"}  # of setuptools, in every process where that is
    assert "boto3" in found
    assert found <= IN_THE_ZIP
