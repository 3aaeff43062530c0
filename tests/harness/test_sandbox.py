"""Programs of a model: what passes, and what each limit stops."""

import socket
import subprocess
import sys
import time

import pytest

from kormo_ds.eval import sandbox
from kormo_ds.eval.harness import tasks
from kormo_ds.eval.tasks.functions import humaneval
from tests.harness.data import PROGRAMS

HERE = "import os, sys, socket, time\n"


@pytest.mark.parametrize(
    ("program", "passes"),
    [
        ("assert 1 + 1 == 2", True),
        ("assert 1 + 1 == 3", False),
        ("def f(:", False),
        (HERE + "sys.exit(0)", False),
        (HERE + "os._exit(0)", False),
        ("print('x' * 10); print(input)", True),
        ("x = bytearray(2 << 30)", False),
        ("open('big', 'wb').write(bytes(2 << 20))", False),
        ("open('small', 'w').write('x')", True),
        (HERE + "assert os.listdir('.') == [] and 'PATH' not in os.environ", True),
        ("word = '한글'\nassert len(word) == 2", True),
        (HERE + "os.kill(os.getpid(), 9)", False),
    ],
)
def test_a_program_passes_that_runs_to_its_end(program, passes):
    assert sandbox.passes(program) is passes


def test_the_clock_ends_it_and_its_children(tmp_path):
    begun = time.monotonic()
    left = tmp_path / "left"
    program = (
        HERE
        + f"if os.fork() == 0:\n    time.sleep(2)\n    open({str(left)!r}, 'w')\nwhile True: pass"
    )
    assert not sandbox.passes(program, seconds=1.0)
    assert time.monotonic() - begun < 5
    time.sleep(2)
    assert not left.exists()


def test_there_is_no_network_where_users_have_name_spaces():
    may = subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    if not may or sys.platform != "linux":
        pytest.skip("this kernel gives users no name spaces")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)"
        assert not sandbox.passes(connect)


def test_a_completion_is_run_with_the_tests_of_its_problem():
    doc = PROGRAMS[0]
    assert humaneval(doc, [doc["canonical_solution"]]) == {"pass@1": 1.0}
    assert humaneval(doc, ["    return 3 * x\n"]) == {"pass@1": 0.0}
    assert tasks.local()["humaneval"].runs_code
