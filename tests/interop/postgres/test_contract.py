"""A real PostgreSQL keeps the ledgers' contract, and its own: what a role may do, and what is noticed."""

import pytest

from tests.support.ledgers.contract import LedgerContract
from tests.support.ledgers.files import refused
from tests.support.ledgers.images_contract import ImagesContract
from tests.support.ledgers.invariants import require_invariants
from tests.support.ledgers.samples import COUNTING, RULES, SCOPE, at, candidate, content, counted, event
from tests.support.peers.postgres_server import loader, release
from verifier.core.errors import ConfigurationError
from verifier.ledger.advance import append, record
from verifier.ledger.history import check, history, require_head
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.postgres.connection import BoundedConnection
from verifier.ledger.postgres.store import open_ledger
from verifier.ledger.sqlite.store import create_ledger as create_sqlite
from verifier.ledger.sqlite.store import open_ledger as open_sqlite
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState

pytestmark = pytest.mark.interop


class TestContract(LedgerContract, ImagesContract):
    @pytest.fixture
    def ledger(self, opened):
        return opened("authz_operator")

    @pytest.fixture(autouse=True)
    def again(self, postgres, database):
        self.url = postgres.url("authz_operator", database)

    def open_again(self, ledger):  # noqa: ARG002
        return open_ledger(self.url)


class TestBetweenStatements:
    """Another writer commits before every statement: what an answer needs must be read by one."""

    @pytest.fixture
    def ledger(self, opened, monkeypatch):
        writer, ledger = opened("authz_loader"), opened("authz_auditor")
        execute, written = BoundedConnection.execute, []

        def interrupted(connection, *arguments):
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(BoundedConnection, "execute", execute)
                written.append(record(writer, SCOPE, counted(len(written) + 1), COUNTING, at()))
            return execute(connection, *arguments)

        monkeypatch.setattr(BoundedConnection, "execute", interrupted)
        yield ledger
        assert written
        assert all(decision.accepted for decision in written)

    @pytest.mark.parametrize("ask", ["fetch", "scopes", "events", "head", "check", "require_head"])
    def test_nothing_is_taken_for_damage(self, ledger, ask):
        questions = {
            "fetch": lambda: ledger.fetch(SCOPE),
            "scopes": ledger.scopes,
            "events": lambda: list(ledger.events()),
            "head": ledger.head,
            "check": lambda: check(ledger),
            "require_head": lambda: require_head(ledger, ledger.head()),
        }
        questions[ask]()

    def test_scopes_and_their_head_are_of_one_moment(self, ledger):
        moment = ledger.scopes()
        assert moment.head.sequence == moment.states[0][1].revision == 1

    def test_the_newest_events_are_as_many_as_were_asked_for(self, ledger):
        ledger.scopes()
        ledger.scopes()
        assert [found.version for found in history(ledger, limit=2)] == ["2", "3"]


class TestMaking:
    def test_a_ledger_is_made_once_and_never_replaced(self, postgres, database, opened):
        append(opened("authz_loader"), event())
        with pytest.raises(ConfigurationError, match="never replaced"):
            create_ledger_url(postgres.url("verifier_owner", database))
        assert check(opened("authz_loader")).head.sequence == 1

    def test_a_missing_ledger_is_unavailable_and_stays_missing(self, postgres):
        for _ in range(2):
            with refused("ledger.unavailable"):
                open_ledger_url(postgres.url("postgres", "postgres"))

    @pytest.mark.parametrize("url", ["postgresql://u:hunter2@[x/db", "postgresql://u:hunter2@h/db?hunter2=1"])
    def test_a_url_that_cannot_be_read_is_not_repeated(self, url):
        with pytest.raises(ConfigurationError) as caught:
            open_ledger_url(url)
        assert "hunter2" not in str(caught.value)

    def test_no_secret_is_shown(self, postgres, database):
        url = postgres.url("authz_loader:hunter2", database, password="hunter3", sslpassword="hunter4")
        with open_ledger_url(url) as ledger:
            assert ledger.url == postgres.url("authz_loader", database)

    def test_what_sqlite_holds_moves_here_and_back(self, opened, tmp_path):
        create_sqlite(tmp_path / "ledger.db")
        with open_sqlite(tmp_path / "ledger.db") as embedded:
            record(embedded, SCOPE, candidate("1.2.3"), RULES, at())
            set_floor(embedded, SCOPE, Floor(version="1.0.0", scheme=Scheme.SEMVER), at())
            withdraw_digest(embedded, "bundle:other", content("bad"), at())
            shared = opened("authz_operator")
            self.carry(embedded, shared, tmp_path / "there")
            assert [name for name, _ in shared.scopes().states] == [SCOPE, "bundle:other"]
            record(shared, SCOPE, candidate("1.3.0"), RULES, at())
            self.carry(shared, embedded, tmp_path / "back")
            assert embedded.fetch(SCOPE).state.mark == shared.fetch(SCOPE).state.mark
        check(shared)

    def carry(self, ours, theirs, path):
        path.write_text("".join(export_ledger(ours)))
        with path.open("rb") as stream:
            import_ledger(theirs, stream, at(), expect_head=ours.head())


def test_fifty_loaders_in_processes_agree_on_one_order(postgres, database, opened):
    writers, tries = 50, 4
    processes = [
        loader(postgres.url("authz_loader", database), number + 1, writers, tries) for number in range(writers)
    ]
    release(processes)
    told = [list(map(int, process.communicate(timeout=120)[0].split())) for process in processes]
    assert [process.returncode for process in processes] == [0] * writers
    ledger = opened("authz_auditor")
    require_invariants(ledger)
    assert check(ledger).head.sequence == writers * tries
    accepted = [int(found.version) for found in history(ledger) if found.kind == "accepted"]
    assert ledger.fetch(SCOPE).state.revision == len(accepted)
    assert accepted == sorted(set(accepted))
    assert sorted(number for numbers in told for number in numbers) == accepted
    assert accepted[-1] == writers * tries  # the highest is never denied


def test_equivocation_between_two_loaders_is_seen(opened):
    first, second = opened("authz_loader"), opened("authz_loader")
    assert record(first, SCOPE, candidate("1.0.0", digest="one"), RULES, at()).accepted
    decision = record(second, SCOPE, candidate("1.0.0", digest="other"), RULES, at())
    assert [reason.code for reason in decision.reasons] == ["version.equivocation"]
    assert isinstance(second.fetch(SCOPE).state, ScopeState)
