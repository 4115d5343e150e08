"""PostgreSQL ledgers whose schema or rows were changed behind our back: `ledger.corrupt`, no traceback."""

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted, event
from verifier.ledger.advance import append, record
from verifier.ledger.history import check
from verifier.ledger.postgres import schema as postgres_schema
from verifier.ledger.postgres.store import open_ledger

pytestmark = pytest.mark.interop


class TestSchema:
    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE verifier_ledger.scope DISABLE TRIGGER step",
            "DROP TRIGGER append_only ON verifier_ledger.history",
            "ALTER TABLE verifier_ledger.history ADD COLUMN more text",
            "ALTER TABLE verifier_ledger.history SET UNLOGGED",
            "ALTER TABLE verifier_ledger.scope DROP CONSTRAINT scope_pkey",
            "CREATE TABLE verifier_ledger.more ()",
            "CREATE RULE more AS ON INSERT TO verifier_ledger.history DO INSTEAD NOTHING",
            "ALTER TABLE verifier_ledger.scope ENABLE ROW LEVEL SECURITY",
            "DROP TRIGGER step ON verifier_ledger.store; CREATE TRIGGER step BEFORE UPDATE ON verifier_ledger.store"
            " FOR EACH ROW WHEN (false) EXECUTE FUNCTION verifier_ledger.store_step()",
            "CREATE SCHEMA other; CREATE FUNCTION other.store_step() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'; DROP TRIGGER step ON verifier_ledger.store; CREATE TRIGGER step BEFORE UPDATE"
            " ON verifier_ledger.store FOR EACH ROW EXECUTE FUNCTION other.store_step()",
            "ALTER TABLE verifier_ledger.scope ALTER state SET DEFAULT ''",
            "ALTER FUNCTION verifier_ledger.is_text VOLATILE; ALTER FUNCTION verifier_ledger.is_text IMMUTABLE",
            "ALTER FUNCTION verifier_ledger.record SECURITY INVOKER",
            "ALTER FUNCTION verifier_ledger.record RESET search_path",
            "CREATE OR REPLACE FUNCTION verifier_ledger.holds(items jsonb, wanted jsonb) RETURNS boolean LANGUAGE sql"
            " AS 'SELECT true'",
        ],
    )
    def test_a_changed_schema_is_corrupt(self, postgres, database, statement):
        postgres.sql(database, statement, user="verifier_owner")
        with refused("ledger.corrupt"):
            open_ledger(postgres.url("authz_loader", database))

    def test_a_newer_schema_is_corrupt(self, postgres, database):
        postgres.sql(database, "INSERT INTO verifier_ledger.migration VALUES (4, 'x')", user="verifier_owner")
        with refused("ledger.corrupt"):
            open_ledger(postgres.url("authz_loader", database))

    def test_only_the_owner_migrates_and_every_event_stays(self, postgres, database, opened, monkeypatch):
        append(opened("authz_loader"), event())
        second = "CREATE TABLE verifier_ledger.more (id integer)"
        monkeypatch.setattr(postgres_schema, "MIGRATIONS", (*postgres_schema.MIGRATIONS, second))
        with refused("ledger.unavailable"):
            opened("authz_loader")
        with postgres.connect("verifier_owner", database) as connection:
            postgres_schema.migrate(connection, 3)
            postgres_schema.migrate(connection, 3)  # another one was faster
            monkeypatch.setattr(postgres_schema, "FINGERPRINT", postgres_schema.fingerprint(connection))
        assert check(opened("authz_loader")).head.sequence == 1

    def test_a_migration_that_was_changed_after_its_release_is_corrupt(self, opened, monkeypatch):
        monkeypatch.setattr(
            postgres_schema, "MIGRATIONS", (postgres_schema.MIGRATIONS[0] + " ", *postgres_schema.MIGRATIONS[1:])
        )
        with refused("ledger.corrupt"):
            opened("authz_loader")


class TestChangedBehindOurBack:
    @pytest.fixture
    def intruder(self, postgres, database, opened):
        """Runs statements with the triggers out of the way, as an administrator can."""
        ledger = opened("authz_loader")
        for number in range(1, 10):
            assert record(ledger, SCOPE, counted(number), COUNTING, at()).accepted
        return lambda statement: postgres.sql(database, "SET session_replication_role = replica", statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE verifier_ledger.history SET event = '{}' WHERE sequence = 3",
            "UPDATE verifier_ledger.history SET event = replace(event, 'accepted', 'denied') WHERE sequence = 3",
            "DELETE FROM verifier_ledger.history WHERE sequence = 3",
            "DELETE FROM verifier_ledger.history WHERE sequence = 1",
            "UPDATE verifier_ledger.history SET head = 'sha256:' || repeat('0', 64) WHERE sequence = 3",
            "UPDATE verifier_ledger.history SET scope = 'bundle:other' WHERE sequence = 3",
            "UPDATE verifier_ledger.scope SET sequence = 8",
            "UPDATE verifier_ledger.scope SET state = replace(state, '\"9\"', '\"8\"')",
            "DELETE FROM verifier_ledger.scope",
            "UPDATE verifier_ledger.history SET seen = NULL",
            "UPDATE verifier_ledger.history SET seen = '-infinity'",
            "UPDATE verifier_ledger.store SET max_time_seen = '2027-01-01Z'",
            "UPDATE verifier_ledger.store SET sequence = 8",
            "UPDATE verifier_ledger.store SET head = 'x'",
            "DELETE FROM verifier_ledger.store",
        ],
    )
    def test_check_finds_it(self, opened, intruder, statement):
        ledger = opened("authz_auditor")
        assert check(ledger).head.sequence == 9
        intruder(statement)
        with refused("ledger.corrupt"):
            check(ledger)

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM verifier_ledger.history WHERE sequence = 9",
            "DELETE FROM verifier_ledger.history",
            "UPDATE verifier_ledger.history SET event = replace(event, 'accepted', 'denied') WHERE sequence = 9",
            "UPDATE verifier_ledger.store SET sequence = 8",
            "DELETE FROM verifier_ledger.store",
        ],
    )
    def test_opening_finds_what_happened_to_the_end(self, opened, intruder, statement):
        intruder(statement)
        with refused("ledger.corrupt"):
            opened("authz_auditor")

    def test_fetching_finds_a_state_that_no_event_led_to(self, opened, intruder):
        ledger = opened("authz_auditor")
        intruder("UPDATE verifier_ledger.scope SET state = replace(state, '\"9\"', '\"8\"')")
        with refused("ledger.corrupt"):
            ledger.fetch(SCOPE)
