"""A ledger of the first schema: its owner brings it to the newest, readers read it meanwhile, and nothing is lost."""

import hashlib
import io

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.images_contract import APP, BASE, tagged
from tests.support.ledgers.samples import COUNTING, HOUR, NOW, RULES, SCOPE, at, candidate, counted, event
from tests.support.peers.postgres_server import DENIED, empty_database, guide
from verifier.ledger.advance import append, record
from verifier.ledger.history import check, checked, known_layers, require_head, tag_seen
from verifier.ledger.interface import EventKind
from verifier.ledger.postgres import rows as postgres_rows
from verifier.ledger.postgres import schema as postgres_schema
from verifier.ledger.postgres.store import create_ledger, open_ledger
from verifier.ledger.sqlite.store import create_ledger as create_sqlite
from verifier.ledger.sqlite.store import open_ledger as open_sqlite
from verifier.ledger.transfer import export_ledger, import_ledger

pytestmark = pytest.mark.interop

FIRST = "ee2a567964de51bfaf819371e721cfb4a6143b814a03b1fda7c67f24532fb9ba"
FINGERPRINT_OF_FIRST = "10f8901ebe70946525120121c8da92fc5473d6f81ec08b646e478f48ef0cf034"
FINGERPRINT_OF_SECOND = "70e35c69d2973701ff74a720b491818dd6d98dd73c670296169f67b263a7c353"
STABLE = f"{APP}:stable"


def made_by_an_older_release(postgres):
    """The database of a new ledger, with the grants of a guide that knew of no moments."""
    database = empty_database(postgres)
    create_ledger(postgres.url("verifier_owner", database))
    grants = [line for line in guide("Grants").splitlines() if "verifier_ledger.moment" not in line]
    postgres.script(database, "\n".join(grants), user="verifier_owner")
    return database


@pytest.fixture
def older(postgres, monkeypatch):
    """The database of a ledger as the first schema has made it, with one acceptance."""
    with monkeypatch.context() as before:
        before.setattr(postgres_rows, "REMEMBERED", ())
        before.setattr(postgres_schema, "MIGRATIONS", postgres_schema.MIGRATIONS[:1])
        before.setattr(postgres_schema, "FINGERPRINT", FINGERPRINT_OF_FIRST)
        database = made_by_an_older_release(postgres)
        with open_ledger(postgres.url("authz_loader", database)) as ledger:
            assert record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
        return database


def test_the_first_schema_is_what_it_always_was(postgres, older):
    assert hashlib.sha256(postgres_schema.MIGRATIONS[0].encode()).hexdigest() == FIRST
    with postgres.connect("verifier_owner", older) as connection:
        assert postgres_schema.fingerprint(connection) == FINGERPRINT_OF_FIRST


def test_until_its_owner_comes_it_can_only_be_read(postgres, older):
    for role in ("authz_loader", "authz_operator"):
        with refused("ledger.unavailable"):
            open_ledger(postgres.url(role, older))
    with open_ledger(postgres.url("authz_auditor", older), read_only=True) as ledger:
        assert check(ledger).head.sequence == 1
        assert tag_seen(ledger, SCOPE, STABLE) is None
        assert known_layers(ledger, BASE) == ()


def test_its_owner_brings_it_to_the_newest_and_grants_stay(postgres, older):
    with open_ledger(postgres.url("verifier_owner", older)) as ledger:
        assert check(ledger).head.sequence == 1
    with open_ledger(postgres.url("authz_loader", older)) as ledger:
        assert ledger.swap((tagged("1.1.0", revision=2, layers=BASE[:1]),))
        assert not ledger.swap((tagged("1.2.0", revision=3),))
        assert ledger.swap((tagged("1.2.0", revision=3, after=2),))
        assert record(ledger, "bundle:other", counted(1), COUNTING, at()).accepted
    with open_ledger(postgres.url("authz_auditor", older), read_only=True) as ledger:
        assert tag_seen(ledger, SCOPE, STABLE).version == "1.2.0"
        assert [each.version for each in known_layers(ledger, BASE)] == ["1.1.0"]
        assert check(ledger).head.sequence == 4


class TestOneChain:
    """A ledger of the second schema, whose events form one chain: it ends there, and each scope goes on by itself."""

    @pytest.fixture
    def trunk(self, postgres, monkeypatch):
        """Its database, and the heads that it had."""
        with monkeypatch.context() as before:
            before.setattr(postgres_schema, "MIGRATIONS", postgres_schema.MIGRATIONS[:2])
            before.setattr(postgres_schema, "FINGERPRINT", FINGERPRINT_OF_SECOND)
            database, heads = made_by_an_older_release(postgres), []
            with open_ledger(postgres.url("authz_loader", database)) as ledger:
                for number in range(1, 4):
                    for scope in ("bundle:a", "bundle:b"):
                        assert record(ledger, scope, counted(number), COUNTING, at()).accepted
                        heads.append(ledger.head())
            return database, heads

    @pytest.fixture
    def migrated(self, postgres, trunk):
        """The same, brought to the newest by its owner."""
        database, heads = trunk
        with open_ledger(postgres.url("verifier_owner", database)) as ledger:
            assert ledger.head() == heads[-1]
        return database, heads

    def test_until_its_owner_comes_it_is_read_as_it_was(self, postgres, trunk):
        database, heads = trunk
        with open_ledger(postgres.url("authz_auditor", database), read_only=True) as ledger:
            assert ledger.head() == check(ledger).head == heads[-1]
            for head in heads:
                require_head(ledger, head)
            assert ledger.fetch("bundle:a").max_time_seen == NOW

    def test_its_heads_are_known_and_its_events_are_what_they_were(self, postgres, migrated):
        database, heads = migrated
        with open_ledger(postgres.url("authz_loader", database)) as ledger:
            assert record(ledger, "bundle:a", counted(4), COUNTING, at()).accepted
            assert record(ledger, "bundle:c", counted(1), COUNTING, at()).accepted
            assert not record(ledger, "bundle:b", counted(2), COUNTING, at()).accepted
            heads.append(ledger.head())
            for head in heads:
                require_head(ledger, head)
            assert [entry.head for entry in ledger.events(until=6)] == heads[:6]
            moment, events = checked(ledger)
            assert (moment.head, events) == (heads[-1], 9)
            own = [(entry.event.previous, entry.event.beside) for entry in ledger.events(after=6)]
            assert own[0] == (heads[5].digest, heads[5])  # each scope goes on from the end of the one chain
            assert own[1][0] == own[2][0] == heads[5].digest
            assert own[1][1].sequence == 7
        with open_ledger(postgres.url("authz_auditor", database), read_only=True) as auditor:
            assert auditor.head() == heads[-1]

    def test_its_time_is_not_forgotten(self, postgres, migrated):
        with open_ledger(postgres.url("authz_loader", migrated[0])) as ledger:
            assert ledger.fetch("bundle:other").max_time_seen == NOW
            decision = record(ledger, "bundle:other", counted(1), COUNTING, at(NOW - HOUR))
            assert [reason.code for reason in decision.reasons] == ["clock.backwards"]

    def test_it_is_exported_and_imported_whole(self, postgres, migrated, tmp_path):
        create_sqlite(tmp_path / "ledger.db")
        with (
            open_ledger(postgres.url("authz_loader", migrated[0])) as ledger,
            open_sqlite(tmp_path / "ledger.db") as here,
        ):
            assert record(ledger, "bundle:a", counted(4), COUNTING, at()).accepted
            document = "".join(export_ledger(ledger)).encode()
            assert document == "".join(export_ledger(ledger)).encode()
            import_ledger(here, io.BytesIO(document), at(), expect_head=ledger.head())
            assert [name for name, _ in here.scopes().states] == ["bundle:a", "bundle:b"]
            assert here.fetch("bundle:a").state.mark == ledger.fetch("bundle:a").state.mark

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE verifier_ledger.history SET event = replace(event, 'accepted', 'denied') WHERE sequence = 2",
            "DELETE FROM verifier_ledger.history WHERE sequence = 2",
            "DELETE FROM verifier_ledger.history WHERE sequence = 6",
            "UPDATE verifier_ledger.store SET sequence = 5",
            "UPDATE verifier_ledger.store SET head = 'sha256:' || repeat('0', 64)",
            "UPDATE verifier_ledger.store SET max_time_seen = NULL",
        ],
    )
    def test_what_happens_to_the_one_chain_is_corrupt(self, postgres, migrated, statement):
        database = migrated[0]
        auditor = open_ledger(postgres.url("authz_auditor", database))
        with auditor, open_ledger(postgres.url("authz_loader", database)) as ledger:
            append(ledger, event(EventKind.DENIED, "bundle:a"))
            check(auditor)
            postgres.sql(database, "SET session_replication_role = replica", statement)
            with refused("ledger.corrupt"):
                check(auditor)

    def test_nothing_is_added_to_the_one_chain(self, postgres, migrated):
        with postgres.connect("verifier_owner", migrated[0]) as owner, pytest.raises(DENIED):
            owner.execute("UPDATE verifier_ledger.store SET sequence = sequence + 1")
