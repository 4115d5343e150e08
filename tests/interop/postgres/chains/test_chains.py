"""A chain a scope in a real PostgreSQL: what is done to one of them is found, and writers wait for nobody else.

The intruder is an administrator: no trigger stops them, and the rows that they leave agree with each other. What hangs
together all the same is found by the head that was kept elsewhere.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psycopg
import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import COUNTING, NOW, SCOPE, advance, at, counted, event, state
from tests.support.peers.postgres_server import CALL
from verifier.ledger.advance import append, record
from verifier.ledger.chains.heads import HEADS_DOMAIN, LINK_DOMAIN
from verifier.ledger.chains.reached import Reached
from verifier.ledger.history import check, history, require_head
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.postgres import chains
from verifier.ledger.postgres.connection import Waits
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.postgres.store import open_ledger
from verifier.ledger.record import GENESIS

pytestmark = pytest.mark.interop

A, B, C = "bundle:a", "bundle:b", "bundle:c"
_BEHIND = "SET session_replication_role = replica"
_TAIL = (
    # The end of scope a is cut off, and state, chain and time are what they were before it.
    "DELETE FROM verifier_ledger.history WHERE scope = 'bundle:a' AND sequence = (SELECT max(sequence)"
    " FROM verifier_ledger.history WHERE scope = 'bundle:a')",
    "UPDATE verifier_ledger.chain SET (sequence, head) = (SELECT sequence, head FROM verifier_ledger.history"
    " WHERE scope = 'bundle:a' ORDER BY sequence DESC LIMIT 1) WHERE scope = 'bundle:a'",
    "UPDATE verifier_ledger.scope SET sequence = (SELECT sequence FROM verifier_ledger.chain WHERE scope = name),"
    " revision = {revision}, state = '{state}' WHERE name = 'bundle:a'",
)
_WHOLE = tuple(
    f"DELETE FROM verifier_ledger.{table} WHERE {column} = 'bundle:a'"  # noqa: S608 - ours
    for table, column in (("history", "scope"), ("chain", "scope"), ("scope", "name"))
)


@pytest.fixture
def ledger(opened):
    return opened("authz_loader")


@pytest.fixture
def behind(postgres, database):
    """Runs statements with the triggers out of the way."""
    return lambda *statements: postgres.sql(database, _BEHIND, *statements)


@pytest.fixture
def states(postgres, database, ledger):
    """Scopes a and b advance in turn, three times; the state of a after the second."""
    kept = None
    for number in range(1, 4):
        for scope in (A, B):
            assert record(ledger, scope, counted(number), COUNTING, at()).accepted
        if number == 2:
            ((kept,),) = postgres.sql(database, "SELECT state FROM verifier_ledger.scope WHERE name = 'bundle:a'")
    return kept


def cut(kept):
    """What takes scope a back to its second version."""
    return [statement.format(revision=2, state=kept) for statement in _TAIL]


class TestOneScopeAlone:
    """The other scopes tell of it: each event names the newest one that stood when it was written."""

    def test_the_end_of_a_scope_that_was_cut_off_is_corrupt(self, opened, behind, states):
        behind(*cut(states))
        with refused("ledger.corrupt"):
            check(opened("authz_auditor"))

    @pytest.mark.usefixtures("states")
    def test_a_scope_that_was_taken_out_whole_is_corrupt(self, opened, behind):
        behind(*_WHOLE)
        with refused("ledger.corrupt"):
            check(opened("authz_auditor"))

    def test_a_scope_that_was_restored_from_a_backup_and_went_on_is_corrupt(self, opened, behind, states):
        behind(*cut(states))
        with opened("authz_loader") as ledger:
            assert record(ledger, A, counted(3, digest="other"), COUNTING, at()).accepted
        with refused("ledger.corrupt"):
            check(opened("authz_auditor"))

    @pytest.mark.usefixtures("states")
    def test_two_scopes_whose_chains_were_exchanged_are_corrupt(self, opened, behind):
        swapped = "CASE {0} WHEN 'bundle:a' THEN 'bundle:b' ELSE 'bundle:a' END"
        behind(
            *(
                f"ALTER TABLE verifier_ledger.{table} DROP CONSTRAINT {table}_pkey CASCADE"
                for table in ("chain", "scope")
            ),
            *(
                f"UPDATE verifier_ledger.{table} SET {column} = {swapped.format(column)}"  # noqa: S608 - ours
                for table, column in (("history", "scope"), ("chain", "scope"), ("scope", "name"))
            ),
            "ALTER TABLE verifier_ledger.chain ADD PRIMARY KEY (scope)",
            "ALTER TABLE verifier_ledger.scope ADD PRIMARY KEY (name)",
        )
        with opened("authz_auditor") as ledger, refused("ledger.corrupt"):
            check(ledger)

    @pytest.mark.parametrize(
        "statement",
        [
            # an event moved to another scope, and two that change places
            "UPDATE verifier_ledger.history SET scope = 'bundle:b' WHERE sequence = 3",
            "UPDATE verifier_ledger.history SET scope = 'bundle:b',"
            " event = replace(event, 'bundle:a', 'bundle:b') WHERE sequence = 3",
            "UPDATE verifier_ledger.history SET sequence = 100 WHERE sequence = 3",
            "UPDATE verifier_ledger.history AS one SET event = other.event, head = other.head"
            " FROM verifier_ledger.history AS other WHERE (one.sequence, other.sequence) IN ((1, 3), (3, 1))",
            'UPDATE verifier_ledger.history SET event = replace(event, \'"beside":"2@\', \'"beside":"1@\')'
            " WHERE sequence = 3",
            "UPDATE verifier_ledger.chain SET head = 'sha256:' || repeat('0', 64) WHERE scope = 'bundle:a'",
            "UPDATE verifier_ledger.chain SET sequence = 100 WHERE scope = 'bundle:a'",
            "DELETE FROM verifier_ledger.chain WHERE scope = 'bundle:a'",
            "INSERT INTO verifier_ledger.chain VALUES ('bundle:c', 6, 'sha256:' || repeat('0', 64))",
            "UPDATE verifier_ledger.store SET sequence = 2",
        ],
    )
    @pytest.mark.usefixtures("states")
    def test_rows_that_were_moved_are_corrupt(self, opened, behind, statement):
        auditor = opened("authz_auditor")
        check(auditor)
        behind(statement)
        with refused("ledger.corrupt"):
            check(auditor)


class TestTheKeptHead:
    """Where nothing came after what was taken back, only the head tells: it covers every scope."""

    @pytest.fixture
    def head(self, ledger):
        """Of a ledger whose newest event is scope a's third."""
        for scope, number in ((B, 1), (A, 1), (A, 2), (A, 3)):
            assert record(ledger, scope, counted(number), COUNTING, at()).accepted
        return ledger.head()

    def test_it_is_the_same_for_every_role_and_every_way_to_ask(self, opened, head):
        with opened("authz_auditor") as auditor:
            assert auditor.head() == auditor.scopes().head == check(auditor).head == head
            reached = Reached()
            for entry in auditor.events():
                reached.add(entry)
            assert reached.head == head

    def test_every_head_that_there_was_is_known_and_no_other(self, opened):
        heads = []
        with opened("authz_loader") as ledger:
            for number in range(1, 4):
                for scope in (A, B, C):
                    append(ledger, event(EventKind.DENIED, scope, comment=str(number)))
                    heads.append(ledger.head())
            for head in (GENESIS, *heads):
                require_head(ledger, head)
            for known, other in pairwise(heads):
                with refused("ledger.corrupt"):
                    require_head(ledger, known.__class__(sequence=known.sequence, digest=other.digest))

    def test_the_end_of_a_scope_that_was_cut_off_is_found(self, postgres, database, opened, behind, head):
        kept = '{"floor":null,"mark":'
        ((event_2,),) = postgres.sql(database, "SELECT event FROM verifier_ledger.history WHERE sequence = 3")
        mark = event_2.partition('"mark":')[2].partition("}")[0] + "}"
        kept += mark + ',"quarantinedDigests":[],"quarantinedVersions":[],"revision":2}'
        behind(*cut(kept))
        with opened("authz_auditor") as auditor:
            check(auditor)  # it is sound all the same
            with refused("ledger.corrupt"):
                require_head(auditor, head)

    def test_a_scope_that_was_taken_out_is_found(self, opened, behind, head):
        behind(*_WHOLE)
        with opened("authz_auditor") as auditor:
            check(auditor)
            with refused("ledger.corrupt"):
                require_head(auditor, head)

    def test_a_scope_that_was_taken_out_is_found_after_others_went_on(self, opened, behind, head):
        behind(*_WHOLE)
        with opened("authz_loader") as ledger:
            for number in range(2, 5):
                assert record(ledger, B, counted(number), COUNTING, at()).accepted
            with refused("ledger.corrupt"):
                require_head(ledger, head)

    def test_places_that_are_given_again_are_refused(self, postgres, database, opened, head):
        postgres.sql(database, "SELECT setval('verifier_ledger.place', 1)")
        with opened("authz_loader") as ledger:
            with refused("ledger.corrupt"):
                record(ledger, A, counted(4), COUNTING, at())
            require_head(ledger, head)
            assert check(ledger).head == head


class TestTurns:
    @pytest.fixture
    def held(self, postgres, database):
        """A loader that has written to scope a, and does not end its transaction."""
        with psycopg.connect(postgres.url("authz_loader", database)) as connection:
            said = event(EventKind.DENIED, A)
            connection.execute(CALL.format("record"), (members_of(said), None, None))
            yield connection

    def test_only_writers_of_one_scope_wait_for_each_other(self, postgres, database, held):  # noqa: ARG002
        brief = Waits(lock=0.3)
        with open_ledger(postgres.url("authz_loader", database), waits=brief) as ledger:
            assert record(ledger, B, counted(1), COUNTING, at()).accepted
            with refused("ledger.locked"):
                record(ledger, A, counted(1), COUNTING, at())

    def test_a_head_waits_for_those_that_write_and_never_leaves_one_out(self, postgres, database, held):
        """The event that is not committed yet has a lower place than one that is."""
        url = postgres.url("authz_auditor", database)
        with open_ledger(url, waits=Waits(lock=0.3)) as auditor, open_ledger(url) as patient:
            with open_ledger(postgres.url("authz_loader", database)) as ledger:
                assert record(ledger, B, counted(1), COUNTING, at()).accepted
            with refused("ledger.locked"):
                auditor.head()
            with ThreadPoolExecutor(1) as threads:
                asked = threads.submit(patient.head)
                while not asked.done() and not postgres.sql(database, "SELECT 1 FROM pg_locks WHERE NOT granted"):
                    pass
                held.commit()
                head = asked.result(timeout=60)
            assert [found.sequence for found in history(patient)] == [1, 2]
            assert head == check(patient).head
            require_head(patient, head)

    def test_an_auditor_keeps_nobody_waiting(self, postgres, database):
        """Whatever its transaction does after it has asked."""
        with psycopg.connect(postgres.url("authz_auditor", database)) as auditor:
            auditor.execute("SELECT * FROM verifier_ledger.moment(true)")
            with open_ledger(postgres.url("authz_loader", database), waits=Waits(lock=2)) as ledger:
                assert record(ledger, A, counted(1), COUNTING, at()).accepted

    def test_a_moment_is_not_asked_for_where_nothing_newer_is_seen(self, postgres, database):
        with psycopg.connect(postgres.url("authz_auditor", database)) as auditor:
            auditor.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with pytest.raises(psycopg.errors.RaiseException):
                auditor.execute("SELECT * FROM verifier_ledger.moment(false)")

    def test_a_role_without_grants_asks_for_no_moment(self, postgres, database):
        postgres.sql(database, "DROP ROLE IF EXISTS stranger", "CREATE ROLE stranger LOGIN")
        postgres.sql(database, f"GRANT CONNECT ON DATABASE {database} TO stranger")
        with (
            psycopg.connect(postgres.url("stranger", database)) as stranger,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            stranger.execute("SELECT * FROM verifier_ledger.moment(false)")

    def test_several_changes_in_opposite_orders_never_wait_in_a_circle(self, postgres, database):
        url, rounds = postgres.url("authz_operator", database), 30
        names = [f"bundle:{number}" for number in range(8)]
        ready = threading.Barrier(2)

        def write(ordered):
            with open_ledger(url) as ledger:
                for number in range(rounds):
                    ready.wait(60)
                    said = [Change(event=event(EventKind.DENIED, name, comment=str(number))) for name in ordered]
                    assert ledger.swap(said)

        with ThreadPoolExecutor(2) as threads:
            for done in [threads.submit(write, each) for each in (names, names[::-1])]:
                done.result(timeout=120)
        with open_ledger(url) as ledger:
            check(ledger)
            assert len(list(history(ledger))) == 2 * rounds * len(names)

    def test_heads_that_are_asked_for_while_others_write_were_all_there(self, postgres, database):
        url, ended = postgres.url("authz_loader", database), threading.Event()

        def write(scope):
            with open_ledger(url) as ledger:
                number = 0
                while not ended.is_set() and (number := number + 1) < 2_000:
                    assert record(ledger, scope, counted(number), COUNTING, at()).accepted

        with open_ledger(url) as ledger, ThreadPoolExecutor(4) as threads:
            writers = [threads.submit(write, f"bundle:{number}") for number in range(4)]
            try:
                heads = [ledger.head() for _ in range(40)]
                check(ledger)
            finally:
                ended.set()
            for writer in writers:
                writer.result(timeout=120)
            for head in heads:
                require_head(ledger, head)
            assert heads == sorted(heads, key=lambda head: head.sequence)
            assert len({head.sequence for head in heads}) > 1
            check(ledger)

    def test_a_writer_that_lost_its_race_leaves_nothing_behind(self, ledger):
        one, two = (advance(state(version), SCOPE) for version in ("1.0.0", "1.0.1"))
        assert ledger.swap((one,))
        head = ledger.head()
        assert not ledger.swap((two,))
        assert ledger.head() == head

    def test_the_newest_time_is_that_of_any_scope(self, ledger):
        assert record(ledger, A, counted(1), COUNTING, at()).accepted
        assert ledger.fetch(B).max_time_seen == NOW


def test_what_is_covered_is_what_the_checker_covers():
    for literal, domain in ((chains.LINK, LINK_DOMAIN), (chains.HEADS, HEADS_DOMAIN)):
        assert literal == "'" + domain.decode().replace("\n", r"\012") + "'::bytea"
