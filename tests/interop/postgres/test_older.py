"""A ledger of the first schema: its owner brings it to the newest, readers read it meanwhile, and nothing is lost."""

import hashlib

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.images_contract import APP, BASE, tagged
from tests.support.ledgers.samples import COUNTING, RULES, SCOPE, at, candidate, counted
from tests.support.peers.postgres_server import empty_database, guide
from verifier.ledger.advance import record
from verifier.ledger.history import check, known_layers, tag_seen
from verifier.ledger.postgres import rows as postgres_rows
from verifier.ledger.postgres import schema as postgres_schema
from verifier.ledger.postgres.store import create_ledger, open_ledger

pytestmark = pytest.mark.interop

FIRST = "ee2a567964de51bfaf819371e721cfb4a6143b814a03b1fda7c67f24532fb9ba"
FINGERPRINT_OF_FIRST = "10f8901ebe70946525120121c8da92fc5473d6f81ec08b646e478f48ef0cf034"
STABLE = f"{APP}:stable"


@pytest.fixture
def older(postgres, monkeypatch):
    """The database of a ledger as the first schema has made it, with one acceptance."""
    with monkeypatch.context() as before:
        before.setattr(postgres_rows, "REMEMBERED", ())
        before.setattr(postgres_schema, "MIGRATIONS", postgres_schema.MIGRATIONS[:1])
        before.setattr(postgres_schema, "FINGERPRINT", FINGERPRINT_OF_FIRST)
        database = empty_database(postgres)
        create_ledger(postgres.url("verifier_owner", database))
        # The guide of that release knew of no moments.
        grants = [line for line in guide("Grants").splitlines() if "verifier_ledger.moment" not in line]
        postgres.script(database, "\n".join(grants), user="verifier_owner")
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
