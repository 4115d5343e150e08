"""A PostgreSQL that is gone, killed, slow, stopped in its tracks or put back: a bounded denial, and nothing lost."""

import contextlib
import os
import queue
import signal
import threading

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import COUNTING, NOW, SCOPE, at, counted, event
from tests.support.peers.postgres_server import ledger_database, postgres_server
from verifier.ledger.advance import append, consult, record
from verifier.ledger.history import check, checked
from verifier.ledger.open import open_ledger_url
from verifier.ledger.postgres.connection import Connections, Waits, read_url
from verifier.ledger.postgres.store import open_ledger

pytestmark = pytest.mark.interop
BRIEF = Waits(connect=2, lock=0.3, statement=1.0, answer=1.5)


@pytest.fixture(scope="module")
def server():
    """One of our own: it is killed."""
    with postgres_server() as running:
        yield running


@pytest.fixture
def url(server):
    return server.url("authz_loader", ledger_database(server))


@contextlib.contextmanager
def held(server, url):
    """Somebody else holds the head, for as long as it takes."""
    with server.connect("verifier_owner", url.rpartition("/")[2]) as connection, connection.transaction():
        connection.execute("LOCK TABLE verifier_ledger.store IN ACCESS EXCLUSIVE MODE")
        yield


class TestUnreachable:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://authz_loader@127.0.0.1:1/verifier",
            "postgresql://authz_loader@%2Fnowhere/verifier",
            "postgresql://authz_loader@host.invalid/verifier",
        ],
    )
    def test_no_server_is_unavailable(self, url):
        with refused("ledger.unavailable"):
            open_ledger_url(url)

    def test_no_such_database_or_role_is_unavailable(self, server):
        for url in (server.url("authz_loader", "none"), server.url("nobody_of_ours", "postgres")):
            with refused("ledger.unavailable"):
                open_ledger(url)

    def test_a_server_without_room_is_unavailable(self, server, url):
        database = url.rpartition("/")[2]
        server.sql("postgres", f"ALTER DATABASE {database} CONNECTION LIMIT 0")
        with refused("ledger.unavailable"):
            open_ledger(url)

    def test_a_read_only_server_answers_and_does_not_record(self, server, url):
        database = url.rpartition("/")[2]
        with open_ledger(f"{url}?options=-c%20default_transaction_read_only%3Don") as ledger:
            assert consult(ledger, SCOPE, counted(1), COUNTING, now=NOW).accepted
            with refused("ledger.unavailable"):
                record(ledger, SCOPE, counted(1), COUNTING, at())
        assert server.sql(database, "SELECT count(*) FROM verifier_ledger.history") == [(0,)]


class TestStopped:
    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_a_stopped_server_denies_and_a_restarted_one_has_it_all(self, server, url, mode):
        with open_ledger(url) as ledger:
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            server.stop(mode)
            try:
                for _ in range(3):
                    with refused("ledger.unavailable"):
                        record(ledger, SCOPE, counted(2), COUNTING, at())
            finally:
                server.start()
            assert record(ledger, SCOPE, counted(2), COUNTING, at()).accepted
            assert not record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            assert checked(ledger)[1] == 3

    def test_connections_that_the_server_ended_are_not_noticed_by_callers(self, server, url):
        with open_ledger(url) as ledger:
            for number in range(1, 4):
                server.sql("postgres", "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                           " WHERE application_name = 'policy-verifier'")  # fmt: skip
                assert record(ledger, SCOPE, counted(number), COUNTING, at()).accepted


class TestSlow:
    def test_a_lock_that_is_held_is_locked(self, server, url):
        with open_ledger(url, waits=BRIEF) as ledger:
            with held(server, url), refused("ledger.locked"):
                record(ledger, SCOPE, counted(1), COUNTING, at())
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted

    def test_a_statement_that_takes_too_long_is_unavailable(self, server, url):
        waits = Waits(connect=2, lock=30, statement=0.3, answer=20)
        with open_ledger(url, waits=waits) as ledger:
            with held(server, url), refused("ledger.unavailable"):
                record(ledger, SCOPE, counted(1), COUNTING, at())
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted

    @pytest.mark.parametrize("ask", ["fetch", "append", "check"])
    def test_a_server_that_stops_in_its_tracks_is_unavailable(self, server, url, ask):
        questions = {
            "fetch": lambda ledger: ledger.fetch(SCOPE),
            "append": lambda ledger: append(ledger, event()),
            "check": check,
        }
        with open_ledger(url, waits=BRIEF) as ledger:
            ((process,),) = server.sql(
                "postgres", "SELECT pid FROM pg_stat_activity WHERE application_name = 'policy-verifier'"
            )
            os.kill(process, signal.SIGSTOP)
            try:
                with refused("ledger.unavailable"):
                    questions[ask](ledger)
            finally:
                os.kill(process, signal.SIGCONT)
            append(ledger, event())

    def test_more_threads_than_connections_wait_and_then_are_told(self, server, url):
        answers = queue.SimpleQueue()

        def ask(ledger):
            with refused("ledger.locked"):
                ledger.fetch(SCOPE)
            answers.put("ledger.locked")

        waits = Waits(connect=2, lock=0.3, statement=5, answer=5)
        with open_ledger(url, waits=waits, connections=1) as ledger, held(server, url):
            threads = [threading.Thread(target=ask, args=(ledger,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=60)
        assert [answers.get_nowait() for _ in threads] == ["ledger.locked"] * 3


def test_every_commit_is_durable_whatever_the_database_says(server, url):
    server.sql("postgres", f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    connections = Connections(read_url(url), Waits(), size=1, read_only=False)
    with contextlib.closing(connections), connections.borrowed() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_connection_that_is_given_back_after_the_end_is_closed(url):
    connections = Connections(read_url(url), Waits(), size=1, read_only=False)
    with connections.borrowed() as connection:
        connections.close()
        assert not connection.closed
    assert connection.closed
