import os
import sys
from pathlib import Path

import pytest

from tests.support.patience import GROWING_S, PATIENCE_S
from tests.support.source_tree import SOURCES, called, named
from verifier.rego.children import child
from verifier.rego.children.child import Command, Limits, run_child


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


COMPUTING = "any(iter(int, 1))"
LIMITED = {
    "memory": ("held = bytearray(2 << 30)", "needed more memory than it may have"),
    "memory that it maps": ("import mmap; held = mmap.mmap(-1, 2 << 30, mmap.MAP_PRIVATE)", None),
    "CPU time": (COMPUTING, "used up its CPU time"),
    "CPU time, and does not listen": (
        f"import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n{COMPUTING}",
        "was ended by SIGKILL",
    ),
    "CPU time in threads": (
        f"import threading\nfor _ in range(4): threading.Thread(target=lambda: {COMPUTING}).start()\n{COMPUTING}",
        "used up its CPU time",
    ),
    "files": ("held = [open('/dev/null') for _ in range(200)]", None),
    "the size of a file": ("import tempfile; file = tempfile.TemporaryFile(); file.write(b'x'); file.flush()", None),
}


@pytest.mark.parametrize("what", LIMITED)
def test_a_child_has_no_more_than_its_limit(what):
    program, how = LIMITED[what]
    limits = Limits(memory_bytes=256 << 20, cpu_s=2)
    ended = run_child(python(f"{program}\nprint('there is more')", limits=limits), timeout_s=PATIENCE_S)
    assert ended.output == b""
    assert ended.status != 0
    assert how is None or ended.how == how


def test_a_child_finds_its_limits_set_before_it_begins():
    names = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
    told = f"import resource as r; print([r.getrlimit(getattr(r, name)) for name in {names}])"
    ended = run_child(python(told, limits=Limits(files=32)), timeout_s=PATIENCE_S)
    assert ended.output == b"[(0, 0), (0, 0), (32, 32)]\n"


def test_a_child_cannot_raise_its_limits():
    raising = "import resource as r; r.setrlimit(r.RLIMIT_DATA, (r.RLIM_INFINITY, r.RLIM_INFINITY))"
    if os.geteuid() == 0:  # whom nothing forbids it, but that the program is none that does
        pytest.skip("root may raise limits")
    assert run_child(python(raising), timeout_s=PATIENCE_S).status != 0


def test_what_a_child_left_behind_is_ended_when_it_ends_well(tmp_path):
    """It has closed what it might have written to, and is not waited for."""
    spawn = (
        "import subprocess, sys\n"
        "quiet = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'], **quiet)\n"
        "print(child.pid, flush=True)"
    )
    ended = run_child(python(spawn), timeout_s=PATIENCE_S)
    assert ended.status == 0
    assert any(not alive(int(ended.output)) for _ in range(100_000))  # the signal takes a moment


def alive(number):
    """Whether a process runs: one that is ended may wait for whoever reaps it."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def test_no_descriptor_of_ours_is_inherited(tmp_path):
    with (tmp_path / "secret").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        ended = run_child(python("import os; print(sorted(os.listdir('/proc/self/fd')))"), timeout_s=PATIENCE_S)
    assert ended.output.count(b"'") <= 2 * 4  # its three, and the folder's


def test_complaints_are_bounded():
    ended = run_child(python("import sys; sys.stderr.write('x' * 1_000_000)"), timeout_s=PATIENCE_S)
    assert (ended.status, len(ended.errors)) == (0, child.MAX_ERRORS)


def test_a_child_that_closes_what_it_writes_to_and_runs_on_is_ended():
    ended = run_child(python("import os, time; os.close(1); os.close(2); time.sleep(3600)"), timeout_s=GROWING_S[0])
    assert ended.late


def test_a_limit_that_cannot_be_set_starts_nothing(monkeypatch):
    monkeypatch.setattr(Limits, "named", lambda _: {"RLIMIT_NOTHING": 1})
    ended = run_child(python("print('started')"), timeout_s=PATIENCE_S)
    assert ended.output == b""
    assert ended.how.startswith("could not be started")


def test_one_function_starts_every_child():
    """So that none is without limits. The demo and a gateway's workers start something, too, but that is this very
    command; and programs that know a registry's credentials have bounds of their own, and need what their user's
    environment says."""
    itself = {"verifier/cli/commands/demo.py", "verifier/gateway/workers/crew.py"}
    starting = {"subprocess.Popen", "subprocess.run", "os.posix_spawn", "os.fork", "os.system", "os.execve", "os.popen"}
    found = {named(path) for path in SOURCES if called(path) & starting} - itself
    assert found == {
        "verifier/net/credentials/program.py",
        "verifier/rego/children/child.py",
        "verifier/rego/children/confined.py",
    }
