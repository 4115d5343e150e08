"""Real processes on one ledger: killed in the middle, fifty at once. What they print is what they were told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from tests.support.places import ROOT
from verifier.ledger.advance import record
from verifier.ledger.history import check, history
from verifier.ledger.sqlite.store import create_ledger, open_ledger

# Tries start, start + step, ... and prints each version only once it was accepted.
LOADER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, record
from verifier.versions.candidate import Candidate, VersionRules
from verifier.ledger.sqlite.store import open_ledger
from verifier.versions.schemes import Scheme

path, start, step, count = sys.argv[1], *map(int, sys.argv[2:])
rules = VersionRules(scheme=Scheme.INTEGER)
circumstances = Circumstances(now=datetime(2026, 6, 1, 12, tzinfo=UTC))
with open_ledger(Path(path), lock_seconds=600) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(start, start + step * count, step):
        version = str(number)
        asked = Candidate(version=version, scheme=Scheme.INTEGER, digest=Digest.of(version.encode()))
        if record(ledger, "bundle:authz", asked, rules, circumstances).accepted:
            print(version, flush=True)
"""


def loader(path: Path, start: int, step: int, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", LOADER, str(path), str(start), str(step), str(count)]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_kill_9_in_the_middle_of_advances_leaves_the_state_before_or_after(tmp_path):
    path = tmp_path / "ledger.db"
    create_ledger(path)
    following = 1
    for lines in (1, 2, 3, 50, 100, 200, 350, 500):  # 1,206 advances and those that were under way
        with loader(path, following, 1, 10_000) as process:
            assert process.stdout.readline() == "ready\n"
            process.stdin.write("go\n")
            process.stdin.flush()
            for _ in range(lines):
                told = int(process.stdout.readline())
            process.kill()
            told = max([told, *map(int, process.stdout.read().split())])
        with open_ledger(path) as ledger:
            check(ledger)
            mark = int(ledger.fetch(SCOPE).state.mark.version)
            assert mark in {told, told + 1}
            assert not record(ledger, SCOPE, counted(mark - 1), COUNTING, at()).accepted
            assert not record(ledger, SCOPE, counted(mark, digest="other"), COUNTING, at()).accepted
        following = mark + 1


def test_fifty_concurrent_writers_agree_on_one_order(tmp_path):
    path, writers, tries = tmp_path / "ledger.db", 50, 4
    create_ledger(path)
    processes = [loader(path, number + 1, writers, tries) for number in range(writers)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [list(map(int, process.communicate(timeout=600)[0].split())) for process in processes]
    assert [process.returncode for process in processes] == [0] * writers
    with open_ledger(path) as ledger:
        assert check(ledger).head.sequence == writers * tries
        accepted = [int(event.version) for event in history(ledger) if event.kind == "accepted"]
        assert ledger.fetch(SCOPE).state.revision == len(accepted)
    assert accepted == sorted(set(accepted))
    assert sorted(number for numbers in told for number in numbers) == accepted
    assert accepted[-1] == writers * tries  # the highest is never denied
