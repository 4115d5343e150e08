import sys

import pytest

from tests.support.patience import GROWING_S, PATIENCE_S
from verifier.rego.children import child
from verifier.rego.children.child import Command, run_child


def python(program, **options):
    return Command(arguments=(sys.executable, "-I", "-c", program), **options)


def test_a_child_answers_its_request():
    ended = run_child(
        python("import sys; sys.stdout.write(sys.stdin.read().upper())"), request=b"question", timeout_s=PATIENCE_S
    )
    assert (ended.status, ended.output) == (0, b"QUESTION")


def test_a_large_request_and_a_large_answer_do_not_wait_for_each_other():
    echo = "import sys\nwhile part := sys.stdin.buffer.read(1): sys.stdout.buffer.write(part * 2)"
    ended = run_child(python(echo), request=b"x" * 300_000, timeout_s=PATIENCE_S)
    assert len(ended.output) == 600_000


def test_a_child_that_does_not_read_its_request_still_answers():
    ended = run_child(python("print('done')"), request=b"x" * 5_000_000, timeout_s=PATIENCE_S)
    assert (ended.status, ended.output) == (0, b"done\n")


def hanging(program):
    """How a child ends that says something and then hangs, given ever longer until it has come to that."""
    for seconds in GROWING_S:
        told = f"{program}; print('before', flush=True); import time; time.sleep(3600)"
        ended = run_child(python(told), timeout_s=seconds)
        assert ended.late
        if ended.output:
            break
    return ended


def test_a_child_that_hangs_is_ended_at_the_deadline():
    ended = hanging("pass")
    assert ended.output == b"before\n"
    assert ended.how == "did not end in time"


def test_what_a_child_started_is_ended_with_it():
    """It holds the pipe, and would be waited for."""
    spawn = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])"
    assert hanging(spawn).output == b"before\n"


def test_a_child_that_floods_is_ended(monkeypatch):
    monkeypatch.setattr(child, "MAX_OUTPUT", 1_000)
    ended = run_child(python("while True: print('x' * 1000)"), timeout_s=PATIENCE_S)
    assert ended.flooded
    assert len(ended.output) == 1_000
    assert ended.how == "wrote too much"


def test_a_crash_is_told_by_its_signal():
    ended = run_child(python("import os; os.abort()"), timeout_s=PATIENCE_S)
    assert ended.how == "was ended by SIGABRT"


def test_a_program_that_is_not_there_is_told():
    ended = run_child(Command(arguments=("/nowhere/opa",)), timeout_s=PATIENCE_S)
    assert ended.how == "could not be started (No such file or directory)"


def test_a_child_sees_no_environment_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    ended = run_child(python("import os; print('SECRET' in os.environ)"), timeout_s=PATIENCE_S)
    assert ended.output == b"False\n"


@pytest.mark.parametrize(("complaints", "expected"), [(True, b"oh no"), (False, b"")])
def test_complaints_are_output_only_where_they_are_asked_for(complaints, expected):
    ended = run_child(python("import sys; sys.stderr.write('oh no')", complaints=complaints), timeout_s=PATIENCE_S)
    assert ended.output == expected
