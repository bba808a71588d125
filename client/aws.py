"""What AWS's clients need to call Timbre: `eval "$(./timbre aws)"`."""

import shlex
import sys
from argparse import Namespace

from client.command import Command
from client.timbre import Timbre
from gateway.key_store import aws_secret, key_id

_SERVICES = ("POLLY", "COMPREHEND", "TRANSCRIBE")
_REGION = "us-east-1"
"""Any will do; AWS's clients ask for one."""


def _run(timbre: Timbre, _: Namespace) -> int:
    settings = {
        "AWS_ACCESS_KEY_ID": key_id(timbre.key),
        "AWS_SECRET_ACCESS_KEY": aws_secret(timbre.key),
        "AWS_DEFAULT_REGION": _REGION,
        **{f"AWS_ENDPOINT_URL_{service}": timbre.address for service in _SERVICES},
    }
    sys.stdout.write("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))
    return 0


AWS = Command(
    "aws",
    _run,
    "print settings that point AWS's clients here, for a shell to evaluate",
    more='Made from the API key alone; nothing is called:\n\n  eval "$(./timbre aws)"\n  aws polly describe-voices',
)
