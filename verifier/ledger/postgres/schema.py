"""The schema of a PostgreSQL ledger, as numbered migrations, and the check that a database has exactly these.

* everything lies in the schema `verifier_ledger`; a database holds one ledger
* a ledger is made once, by its owner; what stands there already is never replaced
* a schema that differs in anything that counts (a disabled trigger, an edited function, a table that is not
  logged) is `ledger.corrupt`
* a released migration never changes: its digest is kept beside its number
"""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg

from verifier.core.errors import ConfigurationError, refuse
from verifier.ledger.postgres.advice import never_made
from verifier.ledger.postgres.chains import CHAINS
from verifier.ledger.postgres.exposure import require_unexposed
from verifier.ledger.postgres.functions import TRIGGERS, WRITING
from verifier.ledger.postgres.images import IMAGES
from verifier.ledger.postgres.order import ORDER

_TABLES = """
CREATE SCHEMA verifier_ledger;

CREATE TABLE verifier_ledger.migration (version integer PRIMARY KEY, digest text NOT NULL);

-- One row that every event updates: room on its page keeps the old versions of it cheap.
CREATE TABLE verifier_ledger.store (
    id integer PRIMARY KEY CHECK (id = 1),
    sequence bigint NOT NULL,
    head text NOT NULL,
    max_time_seen timestamptz
) WITH (fillfactor = 10);
INSERT INTO verifier_ledger.store (id, sequence, head)
VALUES (1, 0, 'sha256:8ed3913fc466f82bf07ea7064fab44a8982fcb6719f03036ce7fe91529363e43');

-- Writers take turns by locking this: a queue costs less than many who wait for one row, and readers cannot take it.
CREATE TABLE verifier_ledger.turn ();

CREATE TABLE verifier_ledger.history (
    sequence bigint PRIMARY KEY,
    scope text COLLATE "C" NOT NULL,
    content text COLLATE "C",
    head text NOT NULL,
    event text NOT NULL
);
CREATE INDEX history_of_scope ON verifier_ledger.history (scope, sequence);
CREATE INDEX history_of_content ON verifier_ledger.history (content, scope) WHERE content IS NOT NULL;

CREATE TABLE verifier_ledger.scope (
    name text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    sequence bigint NOT NULL,
    state text NOT NULL
) WITH (fillfactor = 50);
"""

MIGRATIONS: tuple[str, ...] = (_TABLES + ORDER + TRIGGERS + WRITING, IMAGES, CHAINS)
"""In order; the schema version is their number. Append only."""

FINGERPRINT = "59e034278442c157feec8d96861bf85e52026c94a4399a39f1049e7f3737bd84"
"""The SHA-256 of `_OBJECTS` after the last migration: the same on every release of PostgreSQL that is supported."""

_FOUND = "SELECT pg_catalog.to_regnamespace('verifier_ledger') IS NOT NULL"
_MIGRATED = "SELECT version, digest FROM verifier_ledger.migration ORDER BY version LIMIT 1000"
_OBJECTS = """
WITH ledger AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'verifier_ledger'),
relations AS (SELECT pg_class.* FROM ledger JOIN pg_catalog.pg_class ON relnamespace = ledger.oid)
SELECT ARRAY[kind, name, detail]::text[] FROM (
    SELECT 'relation', relname, pg_catalog.concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity,
        relhasrules, relhassubclass, relispartition)
    FROM relations
    UNION ALL
    SELECT 'column', relname || '.' || attname, pg_catalog.concat_ws(' ',
        pg_catalog.format_type(atttypid, atttypmod), attnotnull, atthasdef, attgenerated, collname)
    FROM relations JOIN pg_catalog.pg_attribute ON attrelid = relations.oid
    LEFT JOIN pg_catalog.pg_collation ON pg_collation.oid = attcollation
    WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', relname || '.' || conname, pg_catalog.concat_ws(' ', contype, convalidated)
    FROM relations JOIN pg_catalog.pg_constraint ON conrelid = relations.oid
    WHERE contype <> 'n'  -- NOT NULL, which 18 lists here
    UNION ALL
    SELECT 'index', relname, pg_catalog.concat_ws(' ', indisunique, indisvalid, indkey, indpred IS NULL)
    FROM relations JOIN pg_catalog.pg_index ON indexrelid = relations.oid
    UNION ALL
    SELECT 'trigger', relname || '.' || tgname, pg_catalog.concat_ws(' ',
        proname, pronamespace = relnamespace, tgtype, tgenabled, tgqual IS NULL, tgattr)
    FROM relations JOIN pg_catalog.pg_trigger ON tgrelid = relations.oid
    JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', proname || '(' || pg_catalog.pg_get_function_identity_arguments(pg_proc.oid) || ')',
        pg_catalog.concat_ws(' ', prosecdef, proconfig, provolatile, lanname,
            pg_catalog.format_type(prorettype, NULL), prosrc)
    FROM ledger JOIN pg_catalog.pg_proc ON pronamespace = ledger.oid
    JOIN pg_catalog.pg_language ON pg_language.oid = prolang
) AS objects (kind, name, detail)
ORDER BY kind COLLATE "C", name COLLATE "C", detail COLLATE "C" LIMIT 1000
"""

Connection = psycopg.Connection[tuple[Any, ...]]


def make_schema(connection: Connection, subject: str) -> None:
    """Make an empty ledger in one transaction; `ConfigurationError` where there is one."""
    message = f"{subject} holds a ledger already, which is never replaced"
    if connection.execute(_FOUND).fetchall() == [(True,)]:
        raise ConfigurationError(message, where="ledger")
    try:
        migrate(connection, 0)
    except (psycopg.errors.DuplicateSchema, psycopg.errors.UniqueViolation) as error:  # another one was faster
        raise ConfigurationError(message, where="ledger") from error


def migrate(connection: Connection, version: int) -> None:
    """Bring a ledger of the schema version `version` to the newest in one transaction; only its owner may."""
    with connection.transaction():
        if version:
            connection.execute("LOCK TABLE verifier_ledger.migration IN EXCLUSIVE MODE")
            version = len(connection.execute(_MIGRATED).fetchall())
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            connection.execute(script.encode())
            row = (number, _digest(script))
            connection.execute("INSERT INTO verifier_ledger.migration VALUES (%s, %s)", row)


def require_schema(connection: Connection, subject: str, *, read_only: bool) -> int:
    """Refuse a database without a whole, unchanged ledger; bring an older schema to the newest, where that may be.

    Returns the version of the schema that it has.
    """
    if connection.execute(_FOUND).fetchall() != [(True,)]:
        raise refuse("ledger.unavailable", subject, "there is no ledger in this database", hint=never_made(subject))
    done = connection.execute(_MIGRATED).fetchall()
    known = [(number, _digest(script)) for number, script in enumerate(MIGRATIONS, start=1)]
    if not done or done != known[: len(done)]:
        message = f"its schema has {len(done)} migrations, which are not the {len(known)} that are known"
        raise refuse("ledger.corrupt", subject, message, hint="Use the release that wrote it, or a newer one.")
    if len(done) < len(known) and not read_only:
        migrate(connection, len(done))
    elif len(done) < len(known):
        return len(done)  # nothing of an older schema is known but its migrations
    if fingerprint(connection) != FINGERPRINT:
        raise refuse("ledger.corrupt", subject, "its tables, triggers or functions were changed")
    require_unexposed(connection, subject)
    return len(known)


def fingerprint(connection: Connection) -> str:
    """The digest of what the schema consists of, as far as it counts."""
    return _digest("\n".join(repr(row) for (row,) in connection.execute(_OBJECTS)))


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()
