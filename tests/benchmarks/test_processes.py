"""A service's processes are found, whatever environment it gives its children."""

import os
import subprocess
import sys
import uuid

from benchmarks.processes import family, family_kilobytes

MIB_IN_KILOBYTES = 1 << 10
GRANDCHILD = "import os; held = b'x' * (32 << 20); print(os.getpid(), flush=True); input()"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GRANDCHILD!r}], env={{'LC_ALL': 'C.UTF-8'}})"


def test_children_with_an_environment_of_their_own_belong_to_it() -> None:
    told = f"TIMBRE_TEST={uuid.uuid4()}"
    name, _, value = told.partition("=")
    command, environment = [sys.executable, "-c", CHILD], {**os.environ, name: value}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        grandchild = int(child.stdout.readline())
        assert family(told) == {child.pid, grandchild}
        assert family_kilobytes(told) > 32 * MIB_IN_KILOBYTES
        child.stdin.write(b"\n")
        child.stdin.close()
    assert family(told) == set()
    assert family_kilobytes(told) == 0
