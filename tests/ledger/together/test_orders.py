"""Whatever order threads and processes come in: each event once, in one chain, and as if one had come after another."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledgers.memory import MemoryLedger
from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from tests.support.ledgers.together import Came
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from verifier.ledger.advance import record
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import create_ledger, open_ledger

JOBS = st.lists(
    st.tuples(st.sampled_from(["bundle:a", "bundle:b", "bundle:c"]), st.integers(0, 5), st.sampled_from("xy")),
    min_size=2,
    max_size=16,
)


@given(jobs=JOBS, threads=st.integers(2, 8))
@settings(max_examples=40)
def test_what_threads_do_equals_some_serial_order(jobs, threads):
    """The order of the history: done one by one in that order, each is decided as it was."""
    with tempfile.TemporaryDirectory() as folder:
        create_ledger(Path(folder) / "own" / "ledger.db")
        with open_ledger(Path(folder) / "own" / "ledger.db") as ledger:
            told = _at_once(ledger, jobs, threads)
            moment, events = check(ledger), list(history(ledger))
    assert Counter(found.correlation_id for found in events) == Counter(map(str, range(len(jobs))))
    serial = MemoryLedger()
    for found in events:
        number = int(found.correlation_id)
        again = _record(serial, jobs[number], number)
        assert again == told[number]
        assert (found.kind is EventKind.ACCEPTED) == again.accepted
    assert serial.scopes() == moment


def _at_once(ledger, jobs, threads):
    told, start = {}, threading.Barrier(threads)

    def work(mine):
        start.wait(PATIENCE_S)
        for number in range(mine, len(jobs), threads):
            told[number] = _record(ledger, jobs[number], number)

    for each in [Came(lambda mine=mine: work(mine)) for mine in range(threads)]:
        assert each.over().error is None
    return told


def _record(ledger, job, number):
    scope, version, digest = job
    return record(
        ledger, scope, counted(version, digest=f"{version}{digest}"), COUNTING, at(correlation_id=str(number))
    )


# Threads that record versions of scopes of their own, or of one; each is printed once it was accepted.
LOADERS = """
import os, signal, sys, threading
from datetime import UTC, datetime
from pathlib import Path
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, change_of, event_of, record
from verifier.ledger.sqlite.store import open_ledger
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme

path, threads, start, step, count = sys.argv[1], *map(int, sys.argv[2:6])
scopes = sys.argv[6:] or [f"bundle:{number}" for number in range(threads)]
rules = VersionRules(scheme=Scheme.INTEGER)
circumstances = Circumstances(now=datetime(2026, 6, 1, 12, tzinfo=UTC))
with open_ledger(Path(path), lock_seconds=600) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()

    def work(mine):
        scope = scopes[mine % len(scopes)]
        for number in range(start + mine * step, start + mine * step + count):
            version = str(number)
            asked = Candidate(version=version, scheme=Scheme.INTEGER, digest=Digest.of(version.encode()))
            if record(ledger, scope, asked, rules, circumstances).accepted:
                os.write(1, f"{scope} {version}\\n".encode())

    workers = [threading.Thread(target=work, args=(mine,)) for mine in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""


def loaders(path, *words):
    arguments = [sys.executable, "-c", LOADERS, str(path), *map(str, words)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def test_kill_9_in_the_middle_of_groups_takes_back_nothing_that_was_told(tmp_path):
    path = tmp_path / "ledger.db"
    create_ledger(path)
    for round_, lines in enumerate((1, 5, 50, 150), start=1):
        with loaders(path, 8, round_ * 1_000, 0, 900) as process:
            go(process)
            told = [process.stdout.readline() for _ in range(lines)]
            process.kill()
            told += process.stdout.read().splitlines(keepends=True)
        with open_ledger(path) as ledger:
            check(ledger)
            kept = {(found.scope, found.version) for found in history(ledger) if found.kind is EventKind.ACCEPTED}
        # The last line may be half of one.
        assert {tuple(line.split()) for line in told if line.endswith("\n")} <= kept


def test_two_processes_of_threads_agree_on_one_order(tmp_path):
    path = tmp_path / "ledger.db"
    create_ledger(path)
    processes = [loaders(path, 6, first, 2, 40, SCOPE, "bundle:other") for first in (1, 2)]
    for process in processes:
        go(process)
    told = [
        tuple(line.split()) for process in processes for line in process.communicate(timeout=PATIENCE_S)[0].splitlines()
    ]
    assert [process.returncode for process in processes] == [0, 0]
    with open_ledger(path) as ledger:
        assert check(ledger).head.sequence == 2 * 6 * 40
        for scope in (SCOPE, "bundle:other"):
            accepted = [int(found.version) for found in history(ledger, scope) if found.kind is EventKind.ACCEPTED]
            assert accepted == sorted(accepted)
            assert Counter(accepted) == Counter(int(version) for name, version in told if name == scope)


# A group of four, of which the third decides to die by kill -9: its transaction is under way, and never ends.
DYING = """
import os, signal, sys
from functools import partial
from pathlib import Path
from tests.support.ledgers.samples import COUNTING, at, counted
from tests.support.ledgers.together import together
from verifier.ledger.advance import record
from verifier.ledger.sqlite.store import open_ledger

def told(scope):
    assert record(ledger, scope, counted(1), COUNTING, at()).accepted
    os.write(1, f"{scope}\\n".encode())

def dying(view):
    os.kill(os.getpid(), signal.SIGKILL)

with open_ledger(Path(sys.argv[1])) as ledger:
    told("bundle:before")
    works = [partial(told, "bundle:a"), partial(told, "bundle:b"), partial(ledger.decide, "bundle:c", dying)]
    together(ledger, [*works, partial(told, "bundle:d")])
"""


def test_a_group_that_was_not_committed_is_not_there_and_nobody_was_told(tmp_path):
    path = tmp_path / "ledger.db"
    create_ledger(path)
    command = [sys.executable, "-c", DYING, str(path)]
    died = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "bundle:before\n")
    with open_ledger(path) as ledger:
        assert [found.scope for found in history(ledger)] == ["bundle:before", "bundle:first"]
        check(ledger)
