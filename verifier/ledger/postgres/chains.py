"""A chain a scope in a PostgreSQL ledger: its third migration. Only writers of one scope wait for each other.

* the chain of all scopes ends where it stood (`store`): its events, their order and its heads stay what they were; each
  scope goes on from there with a chain of its own (`ledger.chains`)
* a writer takes its scope's turn by locking the scope's row in `chain`; places are given in its turn, so that they
  rise within a scope, and a writer that gives up leaves a gap
* who would compare a revision waits until the writer before it has ended, and sees then whether it came too late: it
  does not queue for a row only to find that out. That is by a lock that anybody may hold, so for a moment alone
* who has several changes to make takes its turns sorted by scope (`store.swap`): nobody waits in a circle
* every writer holds `turn` in a shared mode until its commit: `moment` waits until those that write have ended and
  keeps others from beginning while it looks, so that what it sees is every event up to a place, for ever; it lets go
  before it returns, whatever its caller's transaction does
* the newest time seen is that of the events, found by an index: no row that all writers want
* who may write and own what stays as it is; who may read may ask for a moment
"""

from __future__ import annotations

from typing import LiteralString

from verifier.ledger.postgres.causes import EMPTY
from verifier.ledger.postgres.functions import AS_OWNER
from verifier.ledger.postgres.images import TOLD_SINCE
from verifier.ledger.postgres.judging import JUDGING
from verifier.ledger.postgres.rows import REMEMBERED, SAID
from verifier.ledger.postgres.texts import FORBIDDEN, VIOLATION, text_of
from verifier.ledger.record import MAX_RECORD_BYTES

CHAINED = 3
"""The version of the schema that this migration leads to."""
# As literals of SQL; a test holds them to `chains.heads`.
LINK: LiteralString = r"'verifier/ledger/history/v2\012'::bytea"
HEADS: LiteralString = r"'verifier/ledger/heads/v1\012'::bytea"

_TABLES = rf"""
-- Whoever writes by the functions that are replaced ends first; who waits for a turn by them is refused afterwards.
LOCK TABLE verifier_ledger.turn IN ACCESS EXCLUSIVE MODE;

-- The end of each scope's chain. A row is locked and updated by each event of its scope; it may be made by a writer
-- that then writes nothing, and says where the chain of all scopes ends until there is an event.
CREATE TABLE verifier_ledger.chain (
    scope text COLLATE "C" PRIMARY KEY,
    sequence bigint NOT NULL,
    head text NOT NULL
) WITH (fillfactor = 50);
CREATE SEQUENCE verifier_ledger.place;
SELECT setval('verifier_ledger.place', sequence + 1, false) FROM verifier_ledger.store;

ALTER TABLE verifier_ledger.history ADD COLUMN seen timestamptz;
CREATE INDEX history_of_time ON verifier_ledger.history (seen) WHERE seen IS NOT NULL;

CREATE TRIGGER not_deleted BEFORE DELETE OR TRUNCATE ON verifier_ledger.chain
    FOR EACH STATEMENT EXECUTE FUNCTION verifier_ledger.refuse_change();
CREATE FUNCTION verifier_ledger.chain_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.scope <> OLD.scope OR NEW.sequence <= OLD.sequence THEN
        RAISE EXCEPTION 'a chain goes on from its end' {VIOLATION};
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER step BEFORE UPDATE ON verifier_ledger.chain
    FOR EACH ROW EXECUTE FUNCTION verifier_ledger.chain_step();
CREATE OR REPLACE FUNCTION verifier_ledger.store_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the chain of all scopes has ended: each goes on by itself' {VIOLATION};
END
$body$;
"""  # noqa: S608 - constants of ours

_TURNS = 3
_WAITING = 0x56_52_46_59
_AWAIT = f"""
-- Waits until whoever writes to the scope has ended, or for a moment. Nothing rests on it: anybody may hold the lock.
CREATE FUNCTION verifier_ledger.await(of_scope text) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    kept text := current_setting('lock_timeout');
BEGIN
    BEGIN
        PERFORM set_config('lock_timeout', '100ms', true);
        PERFORM pg_advisory_lock_shared({_WAITING}, hashtext(of_scope));
        PERFORM pg_advisory_unlock_shared({_WAITING}, hashtext(of_scope));
    EXCEPTION WHEN lock_not_available THEN
        NULL;
    END;
    PERFORM set_config('lock_timeout', kept, true);
END
$body$;
"""

_WRITE = rf"""
CREATE OR REPLACE FUNCTION verifier_ledger.write(loader boolean, said text[], after text, expected bigint)
RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    kind text := {SAID["kind"]};
    of_scope text := {SAID["scope"]}::jsonb #>> '{{}}';
    moved timestamptz := CASE kind WHEN '"accepted"' THEN btrim({SAID["time"]}, '"')::timestamptz
        ELSE btrim(nullif({SAID["timeSeen"]}, 'null'), '"')::timestamptz END;
    compared boolean := after IS NOT NULL OR expected IS NOT NULL;
    judged boolean := compared OR kind = '"accepted"';
    adds boolean := {SAID["version"]} <> 'null' AND (kind = '"import"' OR (kind = '"accepted"' AND after IS NOT NULL));
    before verifier_ledger.scope;
    named text := CASE WHEN adds THEN btrim({SAID["digest"]}, '"') END;
    held boolean := false;
    alone boolean;
    waits text;
    tip record;
    now_at record;
    place bigint;
    effect text;
    event text;
    digest text;
BEGIN
    IF verifier_ledger.is_event(said) IS NOT TRUE THEN
        RAISE EXCEPTION 'the event is not written canonically' {VIOLATION};
    ELSIF kind = '"accepted"' THEN
        IF {SAID["reasons"]} <> '[]' THEN
            PERFORM verifier_ledger.require_kind(said);
        END IF;
    ELSIF kind <> '"denied"' THEN
        IF loader THEN
            RAISE EXCEPTION 'a loader writes down acceptances and denials' {FORBIDDEN};
        END IF;
        PERFORM verifier_ledger.require_kind(said);
    END IF;
    -- All is judged before this writer's turn, from what the scope is now; in it, the scope must still be that.
    IF judged THEN
        SELECT * INTO before FROM verifier_ledger.scope WHERE name = of_scope;
    END IF;
    IF compared AND expected IS DISTINCT FROM before.revision THEN
        RETURN NULL;
    ELSIF after IS NOT NULL AND kind = '"accepted"' THEN
        effect := '{{"floor":null,"mark":'
            || verifier_ledger.accepted_text(said, coalesce(before.state, '{EMPTY}'), after)
            || ',"quarantinedDigests":[],"quarantinedVersions":[]}}';
    ELSIF after IS NOT NULL THEN
        effect := verifier_ledger.effect_text(said, coalesce(before.state, '{EMPTY}'), after);
    ELSIF kind = '"accepted"' AND NOT verifier_ledger.stands(said, coalesce(before.state, '{EMPTY}')::jsonb) THEN
        RETURN NULL;
    END IF;
    alone := pg_current_xact_id_if_assigned() IS NULL;
    LOCK TABLE verifier_ledger.turn IN ROW EXCLUSIVE MODE;
    IF judged THEN
        FOR attempt IN 1..{_TURNS} LOOP
            SELECT chain.sequence, chain.head INTO tip FROM verifier_ledger.chain WHERE scope = of_scope
            FOR UPDATE SKIP LOCKED;
            held := FOUND;
            EXIT WHEN held;
            PERFORM verifier_ledger.await(of_scope);
            IF (SELECT revision FROM verifier_ledger.scope WHERE name = of_scope) IS DISTINCT FROM before.revision THEN
                RETURN NULL;
            END IF;
        END LOOP;
    END IF;
    IF NOT held THEN
        SELECT chain.sequence, chain.head INTO tip FROM verifier_ledger.chain WHERE scope = of_scope FOR UPDATE;
        held := FOUND;
    END IF;
    IF NOT held THEN
        INSERT INTO verifier_ledger.chain SELECT of_scope, store.sequence, store.head FROM verifier_ledger.store
        ON CONFLICT DO NOTHING;
        SELECT chain.sequence, chain.head INTO STRICT tip FROM verifier_ledger.chain WHERE scope = of_scope FOR UPDATE;
    END IF;
    IF judged THEN
        held := pg_try_advisory_xact_lock({_WAITING}, hashtext(of_scope));
    END IF;
    SELECT coalesce(newest.sequence, store.sequence) AS beside, coalesce(newest.head, store.head) AS beside_head,
        (SELECT revision FROM verifier_ledger.scope WHERE name = of_scope) AS revision,
        CASE WHEN adds THEN EXISTS (
            SELECT FROM verifier_ledger.history WHERE content = named AND scope = of_scope) END AS known
    INTO STRICT now_at FROM verifier_ledger.store LEFT JOIN (
        SELECT history.sequence, history.head FROM verifier_ledger.history
        ORDER BY history.sequence DESC LIMIT 1) AS newest ON true;
    IF judged AND before.revision IS DISTINCT FROM now_at.revision THEN
        IF alone THEN  -- nothing but a lock would be flushed to the disk, while others wait for their turn
            waits := set_config('synchronous_commit', 'off', true);
        END IF;
        RETURN NULL;
    END IF;
    IF now_at.known THEN
        PERFORM verifier_ledger.require_name(said, of_scope);
    END IF;
    IF {SAID["tag"]} <> 'null' THEN
    {TOLD_SINCE}    END IF;
    waits := set_config('synchronous_commit', 'on', true);
    place := nextval('verifier_ledger.place');
    IF place <= greatest(tip.sequence, now_at.beside) THEN
        RAISE EXCEPTION 'places go back: % follows %', place, greatest(tip.sequence, now_at.beside) {VIOLATION};
    END IF;
    event := verifier_ledger.event_text(
        said, place, tip.head, now_at.beside || '@' || now_at.beside_head, effect, after);
    IF greatest(length(event), length(after)) > {MAX_RECORD_BYTES} THEN
        RAISE EXCEPTION 'a record has at most {MAX_RECORD_BYTES} bytes' {VIOLATION};
    END IF;
    IF after IS NOT NULL AND expected IS NOT NULL THEN
        UPDATE verifier_ledger.scope SET revision = expected + 1, sequence = place, state = after
        WHERE name = of_scope AND revision = expected;
    ELSIF after IS NOT NULL THEN
        INSERT INTO verifier_ledger.scope (name, revision, sequence, state)
        VALUES (of_scope, 1, place, after);
    END IF;
    digest := 'sha256:' || encode(
        sha256({LINK} || int8send(octet_length(event)) || convert_to(event, 'UTF8')), 'hex');
    UPDATE verifier_ledger.chain SET sequence = place, head = digest WHERE scope = of_scope;
    INSERT INTO verifier_ledger.history (sequence, scope, content, head, event, seen)
    VALUES (place, of_scope, named, digest, event, moved);
    RETURN place;
END
$body$;
"""  # noqa: S608 - constants of ours

HEAD: LiteralString = rf"""'sha256:' || encode(sha256({HEADS} || int8send(store.sequence)
            || decode(substr(store.head, 8), 'hex') || found.ends), 'hex')"""
"""The head over the ends in `found`, of a ledger with the row `store`."""
ENDS: LiteralString = """string_agg(int4send(octet_length(convert_to(newest.scope, 'UTF8')))
            || convert_to(newest.scope, 'UTF8') || int8send(newest.sequence)
            || decode(substr(newest.head, 8), 'hex'), ''::bytea ORDER BY newest.scope COLLATE "C")"""
"""What a head covers of the ends of chains, which are the rows `newest`."""

_MOMENT = rf"""
-- One moment: place, head and newest time seen; with `whole` a row for each scope besides, else one row.
CREATE FUNCTION verifier_ledger.moment(whole boolean)
RETURNS TABLE (sequence bigint, head text, seen timestamptz, name text, state text, event text)
{AS_OWNER} AS $body$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a moment is asked for in a transaction that sees what was committed meanwhile';
    END IF;
    BEGIN
        LOCK TABLE verifier_ledger.turn IN SHARE MODE;
        RETURN QUERY
        SELECT coalesce(found.place, store.sequence), CASE WHEN found.place IS NULL THEN store.head ELSE {HEAD} END,
            greatest(store.max_time_seen, (SELECT max(history.seen) FROM verifier_ledger.history)),
            scope.name, scope.state, history.event
        FROM verifier_ledger.store CROSS JOIN LATERAL (
            SELECT max(newest.sequence) AS place, {ENDS} AS ends FROM verifier_ledger.chain AS newest
            WHERE newest.sequence > store.sequence) AS found
        LEFT JOIN verifier_ledger.scope ON whole
        LEFT JOIN verifier_ledger.history ON history.sequence = scope.sequence
        ORDER BY scope.name;
        RAISE EXCEPTION 'let go' USING ERRCODE = 'VL001';
    EXCEPTION WHEN SQLSTATE 'VL001' THEN
        NULL;  -- the rows stay, the lock does not
    END;
END
$body$;
"""  # noqa: S608 - constants of ours

_RIGHTS = """
-- PostgreSQL lets everyone execute a new function. Grants stay: who reads the tables may ask for a moment of them.
REVOKE ALL ON FUNCTION verifier_ledger.await, verifier_ledger.chain_step, verifier_ledger.is_event,
    verifier_ledger.moment, verifier_ledger.event_text(text[], bigint, text, text, text, text) FROM PUBLIC;
DO $body$
DECLARE
    reader name;
BEGIN
    FOR reader IN
        SELECT rolname FROM pg_catalog.pg_class, pg_catalog.aclexplode(relacl) AS held
        JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
        WHERE pg_class.oid = 'verifier_ledger.store'::regclass AND held.privilege_type = 'SELECT'
            AND held.grantee <> relowner
    LOOP
        EXECUTE format('GRANT SELECT ON verifier_ledger.chain TO %I', reader);
        EXECUTE format('GRANT EXECUTE ON FUNCTION verifier_ledger.moment TO %I', reader);
    END LOOP;
END
$body$;
"""

CHAINS = (
    _TABLES
    + JUDGING
    + text_of(
        "DROP FUNCTION verifier_ledger.event_text;\nCREATE FUNCTION",
        REMEMBERED,
        links={"previous": """'"' || previous || '"'""", "beside": """'"' || beside || '"'"""},
    )
    + _AWAIT
    + _WRITE
    + _MOMENT
    + _RIGHTS
)
"""The third migration."""
