"""PostgreSQL ledgers whose loader or server is killed, whose answer is lost, or whose place is taken by a backup.

What a loader was told stays accepted, what is recorded holds the invariants, and asking again is safe.
"""

import os
import random
import shutil
import signal

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.invariants import require_invariants
from tests.support.ledgers.samples import COUNTING, HOUR, NOW, SCOPE, at, counted
from tests.support.peers.lossy_line import LossyLine
from tests.support.peers.postgres_server import ledger_database, loader, postgres_server, release
from verifier.ledger.advance import consult, record
from verifier.ledger.history import history, require_head
from verifier.ledger.interface import EventKind
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.postgres.store import open_ledger
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def server():
    """One of our own: it is killed."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def database(server):
    return ledger_database(server)


@pytest.fixture
def url(server, database):
    return server.url("authz_loader", database)


class TestKilledLoaders:
    ROUNDS, LOADERS, SEED = 20, 5, 20_261_121

    def test_a_hundred_killed_loaders_leave_the_state_before_or_after(self, server, url):
        chance, before = random.Random(self.SEED), None  # noqa: S311 - no secret
        following = dict.fromkeys((f"bundle:{each}" for each in range(self.LOADERS)), 1)
        for _ in range(self.ROUNDS):
            told = self.killed(url, following, chance)
            server.wait_until_alone()
            with open_ledger(url) as ledger:
                for scope, last in told.items():
                    state = ledger.fetch(scope).state
                    mark = int(state.mark.version) if state is not None else 0
                    assert mark in {last, last + 1}
                    following[scope] = mark + 1
                lines = [(scope, str(last)) for scope, last in told.items() if last]
                before = require_invariants(ledger, since=before, told=lines)

    def killed(self, url, following, chance):
        """What each loader was told last, before it was killed after some lines of its own."""
        processes = {scope: loader(url, first, 1, 10_000, scope=scope) for scope, first in following.items()}
        release(list(processes.values()))
        told = {}
        for scope, process in sorted(processes.items(), key=lambda _: chance.random()):
            with process:
                lines = [process.stdout.readline() for _ in range(chance.randint(0, 12))]
                process.kill()
                lines += process.stdout.read().splitlines()
            told[scope] = max([following[scope] - 1, *map(int, lines)])
        return told


class TestKilledServers:
    @pytest.mark.parametrize("lines", [1, 2, 30, 100])
    @pytest.mark.parametrize("which", ["the first process", "a backend", "all, by an immediate stop"])
    def test_a_crash_in_the_middle_of_advances_loses_nothing(self, server, database, url, which, lines):
        with loader(url, 1, 1, 10_000) as process:
            release([process])
            told = [process.stdout.readline().strip() for _ in range(lines)]
            self.crash(server, database, which)
            told += process.stdout.read().split()
        assert process.returncode != 0
        with open_ledger(url) as ledger:
            mark = int(ledger.fetch(SCOPE).state.mark.version)
            assert mark in {int(told[-1]), int(told[-1]) + 1}
            before = require_invariants(ledger, told=[(SCOPE, version) for version in told])
            assert not record(ledger, SCOPE, counted(mark - 1), COUNTING, at()).accepted
            assert not record(ledger, SCOPE, counted(mark, digest="other"), COUNTING, at()).accepted
            assert record(ledger, SCOPE, counted(mark + 1), COUNTING, at()).accepted
            require_invariants(ledger, since=before)

    def crash(self, server, database, which):
        if which == "a backend":  # the server stops all others, recovers and goes on by itself
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'policy-verifier'"
            ((backend,),) = server.sql(database, query)
            os.kill(backend, signal.SIGKILL)
        elif which == "the first process":
            server.kill()
            server.start()
        else:
            server.stop("immediate")
            server.start()
        server.wait()

    def test_an_open_ledger_goes_on_by_itself_once_the_server_is_back(self, server, url):
        with open_ledger(url) as ledger:
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            server.kill()
            try:
                for _ in range(3):
                    with refused("ledger.unavailable"):
                        record(ledger, SCOPE, counted(2), COUNTING, at())
            finally:
                server.start()
            assert record(ledger, SCOPE, counted(2), COUNTING, at()).accepted
            assert not record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            require_invariants(ledger, told=[(SCOPE, "1"), (SCOPE, "2")])


class TestLostAnswers:
    """The connection ends around the commit: whether it was recorded, nobody says. Asking again says it."""

    @pytest.fixture
    def line(self, server):
        with LossyLine(server.folder / ".s.PGSQL.5432") as line:
            yield line

    @pytest.fixture
    def ledger(self, line, database):
        with open_ledger(f"postgresql://authz_loader@/{database}?host={line.folder}") as ledger:
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            yield ledger

    @pytest.mark.parametrize(("lost", "events"), [("question", 2), ("answer", 3)])
    def test_an_outcome_that_is_unknown_is_a_denial_and_asking_again_is_safe(self, ledger, line, lost, events):
        before = require_invariants(ledger)
        line.lose(lost, of=b"verifier_ledger.record")
        with refused("ledger.unavailable"):
            record(ledger, SCOPE, counted(2), COUNTING, at())
        assert record(ledger, SCOPE, counted(2), COUNTING, at()).accepted
        assert ledger.fetch(SCOPE).state.revision == 2
        require_invariants(ledger, since=before)
        assert len(list(history(ledger))) == events

    @pytest.mark.parametrize("lost", ["question", "answer"])
    def test_another_content_is_not_slipped_in_between(self, ledger, line, lost):
        line.lose(lost, of=b"verifier_ledger.record")
        with refused("ledger.unavailable"):
            record(ledger, SCOPE, counted(2), COUNTING, at())
        decision = record(ledger, SCOPE, counted(2, digest="other"), COUNTING, at())
        expected = [] if lost == "question" else ["version.equivocation"]
        assert [reason.code for reason in decision.reasons] == expected
        require_invariants(ledger)

    def test_what_an_operator_ordered_is_there_or_not(self, line, database):
        floor = Floor(version="5", scheme=Scheme.INTEGER)
        with open_ledger(f"postgresql://authz_operator@/{database}?host={line.folder}") as ledger:
            line.lose("answer", of=b"verifier_ledger.operate")
            with refused("ledger.unavailable"):
                set_floor(ledger, SCOPE, floor, at())
            assert ledger.fetch(SCOPE).state.floor == floor
            set_floor(ledger, SCOPE, floor, at())
            assert ledger.fetch(SCOPE).state.revision == 1
            assert not consult(ledger, SCOPE, counted(4), COUNTING, now=NOW).accepted
            assert [event.kind for event in history(ledger)] == [EventKind.FLOOR] * 2
            require_invariants(ledger)


def open_with_head(url, head):
    with open_ledger(url) as ledger:
        require_head(ledger, head)


class TestOlderBackups:
    @pytest.fixture
    def put_back(self, url):
        """Accept 1, take a backup, accept 2, put the backup back; the head in between."""

        def put_back(take, restore):
            with open_ledger(url) as ledger:
                assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            taken = take()
            with open_ledger(url) as ledger:
                assert record(ledger, SCOPE, counted(2), COUNTING, at(NOW + HOUR)).accepted
                head = ledger.head()
            open_with_head(url, head)
            restore(taken)
            return head

        return put_back

    @staticmethod
    def require_found(url, head):
        """It is sound all the same, and would accept another 2: only the head tells."""
        with open_ledger(url) as ledger:
            require_invariants(ledger)
            assert consult(ledger, SCOPE, counted(2, digest="other"), COUNTING, now=NOW).accepted
        with refused("ledger.corrupt"):
            open_with_head(url, head)

    def test_a_restored_base_backup_is_found_by_the_head(self, server, url, put_back):
        copy = server.folder / "backup"

        def take():
            place = ("-D", str(copy), "-h", str(server.folder), "-U", "postgres")
            server.run("pg_basebackup", *place, "-X", "stream", "-c", "fast")

        def restore(_):
            server.stop("fast")
            shutil.rmtree(server.folder / "data")
            copy.rename(server.folder / "data")
            server.start()

        self.require_found(url, put_back(take, restore))

    def test_a_restored_dump_is_found_by_the_head(self, server, database, url, put_back):
        def restore(dump):
            server.sql("postgres", f"DROP DATABASE {database}", f"CREATE DATABASE {database} OWNER verifier_owner")
            server.script(database, dump)

        def take():
            return server.run("pg_dump", "-d", server.url("postgres", database)).decode()

        self.require_found(url, put_back(take, restore))

    def test_a_ledger_made_anew_is_found_by_the_head(self, server, database):
        with open_ledger(server.url("authz_operator", database)) as ledger:
            withdraw_digest(ledger, SCOPE, counted(1).digest, at())
            head = ledger.head()
        with refused("ledger.corrupt"):
            open_with_head(server.url("authz_loader", ledger_database(server)), head)
