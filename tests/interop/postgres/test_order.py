"""PostgreSQL orders versions as `versions.schemes` does: every pair of a list of hard ones."""

import itertools

import psycopg
import pytest

from tests.support.peers.postgres_server import empty_database
from verifier.ledger.postgres.store import create_ledger
from verifier.versions.schemes import Scheme, order_key

pytestmark = pytest.mark.interop

VERSIONS = {
    Scheme.SEMVER: [
        "0.0.0", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-1a", "1.0.0--", "1.0.0-A", "1.0.0-a",
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha.1.0", "1.0.0-beta.11", "1.0.0-beta.2",
        "1.0.0-rc.1", "1.0.0", "1.0.0+build", "1.0.1-a", "1.2.0", "1.10.0", "2.0.0", "10.0.0",
        "1.0.99999999999999999999", "1.0.0-x-y-z.-", "1.0", "01.0.0", "v1.0.0", "1.0.0-01", "1.0.0-", "1.0.0+",
        "1.0.0-a..b", "1.0.0\n",
    ],
    Scheme.INTEGER: [
        "0", "1", "9", "10", "99", "100", "9" * 64, "1" + "0" * 64, "-1", "01", "", "1.0", " 1", "1\n",
    ],
    Scheme.CALVER: [
        "2026.1", "2026.01", "2026-1", "26.1", "2026.1.0", "2026.1.0.0", "2026.1.1", "2026.2", "2026.10",
        "2026.1.0.1", "0000.0", "9999.999999999", "226.1", "2026", "2026.1.2.3.4", "2026.1234567890", "2026.a",
    ],
    Scheme.RFC3339: [
        "2026-06-01T12:00:00Z", "2026-06-01T14:00:00+02:00", "2026-06-01t12:00:00z", "2026-06-01T12:00:00.000001Z",
        "2026-06-01T12:00:00.0000019Z", "2026-06-01T12:00:00.1Z", "2026-06-01T12:00:00.10Z",
        "2026-06-01T00:00:00-23:59", "2026-06-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-00:01", "2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z", "2026-06-01T24:00:00Z", "2026-06-01T12:00:60Z", "2026-06-01T12:00:00",
        "2026-06-01 12:00:00Z", "2026-06-01T12:00:00+24:00", "2026-06-01T12:00:00.1234567890Z",
    ],
    Scheme.PEP440: [
        "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
        "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0c1", "1.0pre1", "1.0-preview.1",
        "1.0", "1.0.0", "1", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0+5.a", "1.0+5.0", "1.0+5-0", "1.0+ABC",
        "1.0.post456.dev34", "1.0.post456", "1.0-456", "1.0rev456", "1.0-r456", "1.0.15", "1.1.dev1", "1!0.1", "0!1",
        "v1.0", "1.0.0.1", "0", "0.0", "0.0.1", "1.0.post", "1.0a", "1.0a0", "1.0.dev", "1.0a-1", "1.0a1-1",
        "1.0alpha1", "1.0BETA1", "1.0.post0", "1.0-", "1.0+", "1.0+a_b", "1.0a1b1", "1..0", "a", "1.0.dev1.post1",
        "1.0_rc_1",
    ],
}  # fmt: skip


# Digits and letters of other scripts, which a locale may take for digits and letters.
FOREIGN = ["\u0661", "\uff11.0.0", "1.0.\u0660", "1.0.0-\u0661", "1.0.0-\u00e9", "2026.\u0661", "1.0a\u0661", "\u212a"]


@pytest.fixture(scope="module", params=["", "LOCALE_PROVIDER icu ICU_LOCALE 'ar'"], ids=["libc", "icu"])
def located(request, postgres):
    """The name of a database of one locale or the other, with a ledger."""
    name = empty_database(postgres, request.param)
    create_ledger(postgres.url("verifier_owner", name))
    return name


@pytest.mark.parametrize("scheme", [*VERSIONS, Scheme.SIGNED_TIME])
def test_the_database_orders_as_the_rules_do(postgres, located, scheme):
    versions = [*VERSIONS.get(scheme, VERSIONS[Scheme.RFC3339]), *FOREIGN]
    with postgres.connect("verifier_owner", located) as connection:
        for setting in ("datestyle = 'German, DMY'", "intervalstyle = sql_standard", "timezone = 'Pacific/Apia'"):
            connection.execute(f"SET {setting}")
        keys = {version: _ordered_by_database(connection, scheme, version) for version in versions}
        ours = {version: _ordered_by_rules(scheme, version) for version in versions}
        assert {version for version in versions if keys[version] is None} == {
            version for version in versions if ours[version] is None
        }
        accepted = [version for version in versions if ours[version] is not None]
        pairs = list(itertools.product(accepted, repeat=2))
        query = """SELECT (a < b COLLATE "C")::int - (a > b COLLATE "C")::int
            FROM (SELECT %s::text[], %s::text[]) AS keys (a, b)"""
        with connection.pipeline():
            found = [connection.execute(query, (keys[first], keys[second])) for first, second in pairs]
        for (first, second), cursor in zip(pairs, found, strict=True):
            expected = (ours[first] < ours[second]) - (ours[first] > ours[second])
            assert (first, second, cursor.fetchone()) == (first, second, (expected,))


def _ordered_by_rules(scheme, version):
    try:
        return order_key(scheme, version)
    except ValueError:
        return None


def _ordered_by_database(connection, scheme, version):
    try:
        return connection.execute("SELECT verifier_ledger.order_key(%s, %s)", (scheme.value, version)).fetchone()[0]
    except (psycopg.errors.IntegrityConstraintViolation, psycopg.DataError):
        return None
