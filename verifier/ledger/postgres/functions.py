"""The one way into a PostgreSQL ledger's tables: functions that decide what a role may do to them.

* `record` is the loader's: it appends acceptances and denials
* `operate` is the operator's: any event
* whoever calls, an event changes only what one of its kind may change (`postgres.causes`), and the history tells no
  other story: what it says was accepted is the mark that it leads to, or the mark that stands
* the database writes the event itself, from members that it has looked at: its place, its effect, its state's digest,
  the chain
* nothing that a caller's session can set, and no object that it can make, changes what they do
* one statement takes its turn, compares the revision, and writes state, event, head and time, or none of it (NULL)
* the triggers hold for the owner of the tables too: the history is append-only, nothing gets weaker
"""

from __future__ import annotations

from verifier.ledger.postgres.causes import CAUSES, EMPTY
from verifier.ledger.postgres.rows import SAID
from verifier.ledger.postgres.texts import FORBIDDEN, TEXTS, VIOLATION, text_of
from verifier.ledger.record import MAX_RECORD_BYTES

TRIGGERS = rf"""
CREATE FUNCTION verifier_ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is for ever: % is not allowed', TG_TABLE_NAME, TG_OP {VIOLATION};
END
$body$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON verifier_ledger.history
    FOR EACH STATEMENT EXECUTE FUNCTION verifier_ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON verifier_ledger.migration
    FOR EACH STATEMENT EXECUTE FUNCTION verifier_ledger.refuse_change();
CREATE TRIGGER not_deleted BEFORE DELETE OR TRUNCATE ON verifier_ledger.scope
    FOR EACH STATEMENT EXECUTE FUNCTION verifier_ledger.refuse_change();
CREATE TRIGGER not_deleted BEFORE DELETE OR TRUNCATE ON verifier_ledger.store
    FOR EACH STATEMENT EXECUTE FUNCTION verifier_ledger.refuse_change();

CREATE FUNCTION verifier_ledger.store_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.sequence <> OLD.sequence + 1 OR NEW.max_time_seen < OLD.max_time_seen
        OR (NEW.max_time_seen IS NULL AND OLD.max_time_seen IS NOT NULL)
    THEN
        RAISE EXCEPTION 'neither the head nor time goes back' {VIOLATION};
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER step BEFORE UPDATE ON verifier_ledger.store
    FOR EACH ROW EXECUTE FUNCTION verifier_ledger.store_step();

-- Equality first: containment compares every item with every other.
CREATE FUNCTION verifier_ledger.holds(items jsonb, wanted jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    RETURN items = wanted OR items @> wanted;
END
$body$;

CREATE FUNCTION verifier_ledger.scope_step() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    before jsonb := '{EMPTY}';
    after jsonb := NEW.state;
    mark_moved integer;
    same_digest boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        IF NEW.name <> OLD.name OR NEW.sequence <= OLD.sequence THEN
            RAISE EXCEPTION 'a scope moves with its newest event' {VIOLATION};
        END IF;
    END IF;
    IF NEW.revision IS DISTINCT FROM (after ->> 'revision')::bigint
        OR NEW.revision <> (before ->> 'revision')::bigint + 1
    THEN
        RAISE EXCEPTION 'a scope moves one revision at a time' {VIOLATION};
    END IF;
    mark_moved := verifier_ledger.compared(before -> 'mark', after -> 'mark');
    same_digest := before #> '{{mark,digest}}' IS NOT DISTINCT FROM after #> '{{mark,digest}}';
    IF (mark_moved >= 0 AND (mark_moved > 0 OR same_digest)
        AND (before -> 'mark' = 'null' OR before #> '{{mark,epoch}}' = after #> '{{mark,epoch}}')
        AND verifier_ledger.compared(before -> 'floor', after -> 'floor') >= 0
        AND verifier_ledger.holds(after -> 'quarantinedDigests', before -> 'quarantinedDigests')
        AND verifier_ledger.holds(after -> 'quarantinedVersions', before -> 'quarantinedVersions')) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the state of % would get weaker', NEW.name {VIOLATION};
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER step BEFORE INSERT OR UPDATE ON verifier_ledger.scope
    FOR EACH ROW EXECUTE FUNCTION verifier_ledger.scope_step();
"""
"""What nobody may do, the owner included."""

_NEXT_HEAD = r"""
CREATE FUNCTION verifier_ledger.next_head(head text, event text) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    content bytea := convert_to(event, 'UTF8');
BEGIN
    RETURN 'sha256:' || encode(sha256('verifier/ledger/history/v1\012'::bytea
        || decode(substr(head, 8), 'hex') || int8send(length(content)) || content), 'hex');
END
$body$;
"""


_WRITE = rf"""
CREATE FUNCTION verifier_ledger.write(loader boolean, said text[], after text, expected bigint)
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
    tip record;
    effect text;
    event text;
BEGIN
    PERFORM verifier_ledger.require_event(said);
    IF loader AND kind NOT IN ('"accepted"', '"denied"') THEN
        RAISE EXCEPTION 'a loader writes down acceptances and denials' {FORBIDDEN};
    END IF;
    PERFORM verifier_ledger.require_kind(said);
    -- All is judged before this writer's turn, from what the scope is now; in it, the scope must still be that.
    IF judged THEN
        SELECT * INTO before FROM verifier_ledger.scope WHERE name = of_scope;
    END IF;
    IF compared AND expected IS DISTINCT FROM before.revision THEN
        RETURN NULL;
    ELSIF after IS NOT NULL THEN
        effect := verifier_ledger.effect_text(said, coalesce(before.state, '{EMPTY}'), after);
    ELSIF kind = '"accepted"' AND NOT verifier_ledger.stands(said, coalesce(before.state, '{EMPTY}')::jsonb) THEN
        RETURN NULL;
    END IF;
    LOCK TABLE verifier_ledger.turn IN EXCLUSIVE MODE;
    SELECT sequence + 1 AS sequence, head,
        (SELECT revision FROM verifier_ledger.scope WHERE name = of_scope) AS revision
    INTO STRICT tip FROM verifier_ledger.store;
    IF judged AND before.revision IS DISTINCT FROM tip.revision THEN
        RETURN NULL;
    END IF;
    IF adds THEN
        PERFORM verifier_ledger.require_name(said, of_scope);
    END IF;
    event := verifier_ledger.event_text(said, tip.sequence, effect, after);
    IF greatest(length(event), length(after)) > {MAX_RECORD_BYTES} THEN
        RAISE EXCEPTION 'a record has at most {MAX_RECORD_BYTES} bytes' {VIOLATION};
    END IF;
    IF after IS NOT NULL AND expected IS NOT NULL THEN
        UPDATE verifier_ledger.scope SET revision = expected + 1, sequence = tip.sequence, state = after
        WHERE name = of_scope AND revision = expected;
    ELSIF after IS NOT NULL THEN
        INSERT INTO verifier_ledger.scope (name, revision, sequence, state)
        VALUES (of_scope, 1, tip.sequence, after);
    END IF;
    UPDATE verifier_ledger.store
    SET sequence = tip.sequence, head = verifier_ledger.next_head(tip.head, event),
        max_time_seen = greatest(max_time_seen, moved)
    RETURNING head INTO tip.head;
    INSERT INTO verifier_ledger.history (sequence, scope, content, head, event)
    VALUES (tip.sequence, of_scope, CASE WHEN adds THEN {SAID["digest"]}::jsonb #>> '{{}}' END, tip.head, event);
    RETURN tip.sequence;
END
$body$;
"""  # noqa: S608 - constants of ours


_LOOKED_AT_LAST = """        PERFORM verifier_ledger.require_name(said, of_scope);
    END IF;
"""


def write_with(last: str) -> str:
    """`write` replaced, as SQL, by one that looks at `last` in its turn before it writes."""
    replaced = _WRITE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    return replaced.replace(_LOOKED_AT_LAST, _LOOKED_AT_LAST + last)


# A caller's session chooses how PostgreSQL reads names and literals: '\\d' is 'd' without conforming strings. How it
# reads times does not matter, as these are all ISO 8601 with an offset; and to set it costs a fourth of a call.
AS_OWNER = """LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on"""

_ROLES = f"""
CREATE FUNCTION verifier_ledger.record(said text[], after text, expected bigint) RETURNS bigint
{AS_OWNER} AS $body$
BEGIN
    RETURN verifier_ledger.write(true, said, after, expected);
END
$body$;
CREATE FUNCTION verifier_ledger.operate(said text[], after text, expected bigint) RETURNS bigint
{AS_OWNER} AS $body$
BEGIN
    RETURN verifier_ledger.write(false, said, after, expected);
END
$body$;

-- PostgreSQL lets everyone execute a new function.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA verifier_ledger FROM PUBLIC;
"""

WRITING = TEXTS + text_of("CREATE FUNCTION") + CAUSES + _NEXT_HEAD + _WRITE + _ROLES
"""What a role may do, by the function that it may execute."""
