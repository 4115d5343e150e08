"""The tables of a SQLite ledger, as numbered migrations, and the check that a file has exactly these.

* tables are STRICT; the history cannot be updated or deleted from, scopes cannot be deleted or skip a revision,
  and neither the head nor the newest time seen goes back: triggers hold it, whoever is connected
* a file whose schema differs in anything (a dropped trigger, another table) is `ledger.corrupt`
* a released migration never changes: its digest is kept beside its number
"""

from __future__ import annotations

import hashlib
import sqlite3

from verifier.core.errors import refuse

APPLICATION_ID = 0x56_52_46_59
"""`PRAGMA application_id` of our files ("VRFY"): tells a ledger from anyone's database."""

_V1 = """
CREATE TABLE migration (version INTEGER PRIMARY KEY, digest TEXT NOT NULL) STRICT;

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    head TEXT NOT NULL,
    max_time_seen INTEGER
) STRICT;
INSERT INTO store (id, sequence, head)
VALUES (1, 0, 'sha256:8ed3913fc466f82bf07ea7064fab44a8982fcb6719f03036ce7fe91529363e43');

CREATE TABLE history (
    sequence INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    content TEXT,
    head TEXT NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_scope ON history (scope, sequence);
CREATE INDEX history_of_content ON history (content, scope) WHERE content IS NOT NULL;

CREATE TABLE scope (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER history_not_updated BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER history_not_deleted BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER history_without_gaps BEFORE INSERT ON history
WHEN NEW.sequence <> (SELECT sequence + 1 FROM store)
BEGIN SELECT RAISE(ABORT, 'the history has no gaps'); END;
CREATE TRIGGER scope_not_deleted BEFORE DELETE ON scope
BEGIN SELECT RAISE(ABORT, 'a scope is for ever'); END;
CREATE TRIGGER scope_step BEFORE UPDATE ON scope
WHEN NEW.name <> OLD.name OR NEW.revision <> OLD.revision + 1 OR NEW.sequence <= OLD.sequence
BEGIN SELECT RAISE(ABORT, 'a scope moves one revision at a time'); END;
CREATE TRIGGER store_not_deleted BEFORE DELETE ON store
BEGIN SELECT RAISE(ABORT, 'the head is for ever'); END;
CREATE TRIGGER store_step BEFORE UPDATE ON store
WHEN NEW.sequence <> OLD.sequence + 1 OR (OLD.max_time_seen IS NOT NULL
     AND (NEW.max_time_seen IS NULL OR NEW.max_time_seen < OLD.max_time_seen))
BEGIN SELECT RAISE(ABORT, 'neither the head nor time goes back'); END;
"""

# What is derived from an event's text cannot contradict it. Inside a JSON text a quotation mark is escaped, so that
# only the members themselves can look like this, and no member but the tag has a name. A schema that nobody trusts may
# not use SQLite's own JSON.
_V2 = """
ALTER TABLE history ADD COLUMN tag TEXT GENERATED ALWAYS AS (CASE WHEN instr(event, ',"tag":{') THEN
    substr(event, instr(event, '","name":"') + 10, instr(substr(event, instr(event, '","name":"') + 10), '"') - 1)
    END) VIRTUAL;
CREATE INDEX history_of_tag ON history (tag, scope, sequence) WHERE tag IS NOT NULL;

CREATE TABLE layer (
    chain TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (chain, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER layer_of_its_event BEFORE INSERT ON layer
WHEN NOT EXISTS (SELECT 1 FROM history WHERE sequence = NEW.sequence AND instr(event, NEW.chain))
BEGIN SELECT RAISE(ABORT, 'a layer is one that its event names'); END;
CREATE TRIGGER layer_not_updated BEFORE UPDATE ON layer
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER layer_not_deleted BEFORE DELETE ON layer
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
"""

# Whatever is looked for by a name stands in two trees of the file: what one has lost, the other still has (`ranges`).
# The rowid, which is the sequence, follows in each.
_V3 = """
ALTER TABLE history ADD COLUMN moved INTEGER GENERATED ALWAYS AS (instr(event, ',"state":"sha256:') > 0) VIRTUAL;
CREATE INDEX history_of_moves ON history (scope, moved) WHERE moved = 1;
CREATE INDEX history_of_content_again ON history (scope, substr(content, 8, 16)) WHERE content IS NOT NULL;
CREATE INDEX history_of_tag_again ON history (scope, tag) WHERE tag IS NOT NULL;
CREATE INDEX layer_again ON layer (substr(chain, 8, 16));
"""

MIGRATIONS: tuple[str, ...] = (_V1, _V2, _V3)
"""In order; the schema version is their number. Append only."""

SHAPES: tuple[str, ...] = (
    "d1874bbf7d99499a764e6db6c84e020460388bcda6355e03d544e505cced32bf",
    "f3aaa7501a556aec46a528be320905f32e6569f633c28e6d2c42af02e4bfeb0b",
    "0e5140f728db6ed301329816f2fa13220f2d88b71e56b19c16c23944f0d1bdf6",
)
"""What `shape` makes of each version's tables, indexes, triggers and migrations; a test holds them to the scripts."""


def migrate(connection: sqlite3.Connection, to: int | None = None) -> None:
    """Bring a ledger, or an empty database, to the schema version `to`, by default the newest, in one transaction."""
    scripts = MIGRATIONS[:to]
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(scripts[version:], start=version + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO migration VALUES (?, ?)", (number, _digest(script)))
        connection.execute(f"PRAGMA user_version = {len(scripts)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def schema_version(connection: sqlite3.Connection, subject: str) -> int:
    """The file's schema version; `ledger.corrupt` where it is no ledger or a newer one than we know."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise refuse("ledger.corrupt", subject, "it is an SQLite database and not a ledger")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not 1 <= version <= len(MIGRATIONS):
        message = f"its schema version is {version}, known are 1 to {len(MIGRATIONS)}"
        raise refuse("ledger.corrupt", subject, message, hint="Use the release that wrote it, or a newer one.")
    return int(version)


def require_schema(connection: sqlite3.Connection, subject: str, version: int) -> None:
    """Refuse a file whose tables, indexes and triggers are not exactly those of the schema version."""
    found = objects_of(connection)
    if shape(found) == SHAPES[version - 1]:
        return
    # An SQLite that spells what it was told in another way than ours did: it is asked for its own spelling.
    reference = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(reference, version)
        expected = objects_of(reference)
    finally:
        reference.close()
    if found != expected:
        raise refuse("ledger.corrupt", subject, "its tables or triggers were changed")


def shape(objects: list[tuple[object, ...]]) -> str:
    """The digest of what a file's schema says of itself."""
    return _digest(ascii(objects))  # whatever they hold: they may be anybody's


def objects_of(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """What a file says of its tables, indexes and triggers, and of its migrations."""
    objects = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name LIMIT 1000")
    migrations = connection.execute("SELECT version, digest FROM migration ORDER BY version LIMIT 1000")
    return [*objects, *migrations]


def _statements(script: str) -> list[str]:
    """Split a script of ours; `executescript` would commit the transaction that it runs in."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()
