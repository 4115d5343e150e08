"""What a role may do to a PostgreSQL ledger: tried as that role, past our own code."""

from dataclasses import replace

import psycopg
import pytest

from tests.support.ledgers.contract import FULL
from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import (
    HOUR,
    NOW,
    RULES,
    SCOPE,
    acceptance,
    advance,
    at,
    candidate,
    content,
    event,
    mark,
)
from tests.support.peers.postgres_server import CALL, DENIED
from verifier.ledger.advance import append, consult, record, record_denial
from verifier.ledger.history import check, history
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.record import state_text
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, VersionRange

pytestmark = pytest.mark.interop


class TestRoles:
    @pytest.fixture
    def floored(self, opened):
        """A scope at 2.0.0 with a floor and a quarantine."""
        operator = opened("authz_operator")
        set_floor(operator, SCOPE, Floor(version="1.0.0", scheme=Scheme.SEMVER), at())
        withdraw_digest(operator, SCOPE, content("bad"), at())
        withdraw_versions(operator, SCOPE, VersionRange(lowest="1.5.0", highest="1.9.0", scheme=Scheme.SEMVER), at())
        accepted = replace(operator.fetch(SCOPE).state, revision=4, mark=mark("2.0.0"))
        assert operator.swap((advance(accepted),))
        return operator

    def test_a_loader_accepts_denies_and_accepts_again(self, opened):
        ledger = opened("authz_loader")
        for version in ("1.0.0", "1.0.0", "0.9.0", "1.1.0-rc.1", "1.1.0"):
            record(ledger, SCOPE, candidate(version), RULES, at())
        record_denial(ledger, SCOPE, ["signature.invalid"], at(), candidate("3.0.0"))
        kinds = [found.kind.value for found in history(ledger)]
        assert kinds == ["accepted", "accepted", "denied", "accepted", "accepted", "denied"]
        assert (ledger.fetch(SCOPE).state.revision, check(ledger).head.sequence) == (3, 6)

    def test_a_loader_advances_below_a_floor_and_a_quarantine_that_stay(self, opened, floored):
        before = floored.fetch(SCOPE).state
        advanced = replace(before, revision=5, mark=mark("2.1.0"))
        change = Change(event=acceptance(advanced.mark), state=advanced, expected_revision=4)
        assert opened("authz_loader").swap((change,))
        assert floored.fetch(SCOPE).state == advanced
        assert check(floored).head.sequence == 5

    @pytest.mark.parametrize(
        "change",
        [
            {"mark": mark("1.9.9")},
            {"mark": mark("2.0.0-rc.1")},
            {"mark": mark("2.0.0", digest="other")},
            {"mark": mark("2.0.0+build", digest="other")},
            {"mark": mark("3.0.0", epoch=1)},
            {"mark": mark("3", scheme=Scheme.INTEGER)},
            {"mark": None},
            {"floor": Floor(version="0.9.0", scheme=Scheme.SEMVER)},
            {"floor": Floor(version="1.5.0", scheme=Scheme.SEMVER)},
            {"floor": None},
            {"quarantined_digests": ()},
            {"quarantined_digests": (content("bad"), content("more"))},
            {"quarantined_versions": ()},
            {"revision": 6},
        ],
        ids=str,
    )
    def test_a_loader_cannot_lower_or_change_anything_but_the_mark(self, postgres, database, floored, change):
        before, head = floored.fetch(SCOPE).state, floored.head()
        after = replace(before, **{"revision": 5, "mark": mark("2.1.0")} | change)
        said = members_of(acceptance(after.mark or mark("2.1.0")))
        with postgres.connect("authz_loader", database) as connection, pytest.raises(DENIED):
            connection.execute(CALL.format("record"), (said, state_text(after), 4))
        assert (floored.fetch(SCOPE).state, floored.head()) == (before, head)

    @pytest.mark.parametrize(
        "change",
        [
            {"mark": mark("1.9.9")},
            {"mark": mark("2.0.0", digest="other")},
            {"mark": None},
            {"floor": Floor(version="0.9.0", scheme=Scheme.SEMVER)},
            {"floor": None},
            {"quarantined_digests": (content("more"),)},
            {"quarantined_versions": ()},
        ],
        ids=str,
    )
    def test_an_operator_cannot_weaken_a_scope(self, postgres, database, floored, change):
        before, head = floored.fetch(SCOPE).state, floored.head()
        text = state_text(replace(before, revision=5, **change))
        with postgres.connect("authz_operator", database) as connection, pytest.raises(DENIED):
            connection.execute(CALL.format("operate"), (members_of(event(EventKind.FLOOR)), text, 4))
        assert (floored.fetch(SCOPE).state, floored.head()) == (before, head)

    @pytest.mark.usefixtures("floored")
    @pytest.mark.parametrize("role", ["authz_auditor", "authz_loader", "authz_operator"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE verifier_ledger.scope SET state = state",
            "DELETE FROM verifier_ledger.scope",
            "INSERT INTO verifier_ledger.scope VALUES ('bundle:b', 1, 1, '{}')",
            "UPDATE verifier_ledger.history SET event = '{}'",
            "DELETE FROM verifier_ledger.history",
            "TRUNCATE verifier_ledger.history",
            "INSERT INTO verifier_ledger.history VALUES (99, 'bundle:b', NULL, '', '')",
            "UPDATE verifier_ledger.store SET max_time_seen = NULL",
            "ALTER TABLE verifier_ledger.scope DISABLE TRIGGER ALL",
            "DROP TRIGGER step ON verifier_ledger.scope",
            "DROP SCHEMA verifier_ledger CASCADE",
            "CREATE TABLE verifier_ledger.mine ()",
            "CREATE FUNCTION verifier_ledger.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE SCHEMA mine",
            "CREATE OR REPLACE FUNCTION verifier_ledger.compared(before jsonb, after jsonb) RETURNS integer"
            " LANGUAGE sql AS 'SELECT 1'",
            "ALTER FUNCTION verifier_ledger.record RESET search_path",
            "BEGIN; LOCK TABLE verifier_ledger.turn IN EXCLUSIVE MODE",
            "SELECT * FROM verifier_ledger.scope FOR UPDATE",
            "UPDATE verifier_ledger.scope SET revision = revision - 1",
            "UPDATE verifier_ledger.store SET max_time_seen = max_time_seen - interval '1 hour'",
            "SET ROLE verifier_owner",
            "SELECT verifier_ledger.write(false, '{}', NULL, NULL)",
            "SET session_replication_role = replica",
        ],
    )
    def test_no_role_reaches_past_its_function(self, postgres, database, role, statement):
        with postgres.connect(role, database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)

    @pytest.mark.parametrize(
        ("role", "function"),
        [("authz_auditor", "record"), ("authz_auditor", "operate"), ("authz_loader", "operate")],
    )
    def test_a_role_has_only_its_own_function(self, postgres, database, role, function):
        with postgres.connect(role, database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(CALL.format(function), (members_of(event()), None, None))

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE verifier_ledger.history SET event = event",
            "DELETE FROM verifier_ledger.history",
            "TRUNCATE verifier_ledger.history",
            "DELETE FROM verifier_ledger.scope",
            "TRUNCATE verifier_ledger.scope",
            "UPDATE verifier_ledger.scope SET revision = revision + 1",
            "UPDATE verifier_ledger.scope SET name = 'bundle:other'",
            "DELETE FROM verifier_ledger.store",
            "UPDATE verifier_ledger.store SET max_time_seen = NULL",
            "UPDATE verifier_ledger.store SET sequence = sequence - 1",
            "DELETE FROM verifier_ledger.migration",
        ],
    )
    def test_the_owner_runs_into_the_triggers(self, postgres, database, floored, statement):
        record(floored, SCOPE, candidate("2.0.0"), RULES, at())
        with postgres.connect("verifier_owner", database) as connection, pytest.raises(DENIED):
            connection.execute(statement)

    @pytest.mark.parametrize("kind", [EventKind.FLOOR, EventKind.QUARANTINE, EventKind.IMPORT])
    def test_a_loader_does_not_write_operators_events(self, opened, kind):
        with refused("ledger.unavailable"):
            append(opened("authz_loader"), event(kind))

    def test_a_loader_moves_time_only_by_an_acceptance(self, postgres, database):
        with postgres.connect("authz_loader", database) as connection:
            for kind in EventKind:
                said = members_of(event(kind, time_seen=NOW + HOUR))
                with pytest.raises(DENIED):
                    connection.execute(CALL.format("record"), (said, None, None))

    def test_a_loader_cannot_raise_an_operators_floor_by_making_the_scope(self, opened):
        with refused("ledger.unsound"):
            opened("authz_loader").swap((Change(event=acceptance(FULL.mark), state=FULL),))

    @pytest.mark.usefixtures("floored")
    def test_an_auditor_consults_and_does_not_record(self, opened):
        ledger = opened("authz_auditor")
        assert not consult(ledger, SCOPE, candidate("1.0.0"), RULES, now=NOW).accepted
        assert check(ledger).head.sequence == 4
        with refused("ledger.unavailable"):
            record(ledger, SCOPE, candidate("2.1.0"), RULES, at())

    def test_read_only_is_read_only_for_an_operator_too(self, opened):
        with refused("ledger.unavailable"):
            append(opened("authz_operator", read_only=True), event())
