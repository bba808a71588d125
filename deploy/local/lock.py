"""Print constraints.txt: the newest versions that fit together (`make lock`)."""

import json
import subprocess
import sys
from collections.abc import Sequence

_HEADER = "# The full lock of every dependency group, made by `make lock`. Versions only, so that any index serves."


def locked(groups: Sequence[str]) -> list[str]:
    """Return `name==version` of everything that the dependency groups need together, in alphabetical order."""
    wanted = [argument for group in groups for argument in ("--group", group)]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = json.loads(subprocess.run([*command, *wanted], check=True, stdout=subprocess.PIPE).stdout)
    found = (package["metadata"] for package in report["install"])
    return sorted(_pin(package["name"], package["version"]) for package in found)


def _pin(name: str, version: str) -> str:
    """Leave out a build's label, such as +cpu: other machines take other builds of the same version."""
    return f"{name.lower().replace('_', '-')}=={version.partition('+')[0]}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in [_HEADER, *locked(sys.argv[1:])])
