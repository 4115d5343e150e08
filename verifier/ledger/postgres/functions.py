"""The one way into a PostgreSQL ledger's tables: functions that decide what a role may do to them.

* `record` is the loader's: it appends an acceptance or a denial, and moves a mark up within its epoch, nothing else
* a loader's acceptance is of the mark that it leads to, or of the mark that stands: the history tells no other story
* `operate` is the operator's: any event, and any state that is at least as strict as the one before
* the database writes the event itself, from members that it has looked at: its place, its state's digest, the chain
* nothing that a caller's session can set, and no object that it can make, changes what they do
* one statement takes its turn, compares the revision, and writes state, event, head and time, or none of it (NULL)
* the triggers hold for the owner of the tables too: the history is append-only, nothing gets weaker
"""

from __future__ import annotations

from verifier.ledger.record import MAX_RECORD_BYTES

_VIOLATION = "USING ERRCODE = 'integrity_constraint_violation'"
_FORBIDDEN = "USING ERRCODE = 'insufficient_privilege'"
_EMPTY = '{"floor":null,"mark":null,"quarantinedDigests":[],"quarantinedVersions":[],"revision":0}'

# PostgreSQL builds a pattern's automaton anew for each use, so these are short.
_ESCAPE = r'\\["\\nrtbf]|\\u(?:00(?:0[0-7be-f]|1[0-9a-f]|7f|[89a-f][0-9a-f])|0[1-9a-f][0-9a-f]{2}|[1-9a-f][0-9a-f]{3})'
_TEXT = rf'"(?:[ !#-\[\]-~]|{_ESCAPE})*"'
_CODE = '"[a-z0-9.-]+"'
_INPUT = r'\{"digest":"sha256:[0-9a-f]+","kind":"[a-z-]+"\}'

TRIGGERS = rf"""
CREATE FUNCTION verifier_ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is for ever: % is not allowed', TG_TABLE_NAME, TG_OP {_VIOLATION};
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
        RAISE EXCEPTION 'neither the head nor time goes back' {_VIOLATION};
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
    before jsonb := '{_EMPTY}';
    after jsonb := NEW.state;
    mark_moved integer;
    same_digest boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        IF NEW.name <> OLD.name OR NEW.sequence <= OLD.sequence THEN
            RAISE EXCEPTION 'a scope moves with its newest event' {_VIOLATION};
        END IF;
    END IF;
    IF NEW.revision IS DISTINCT FROM (after ->> 'revision')::bigint
        OR NEW.revision <> (before ->> 'revision')::bigint + 1
    THEN
        RAISE EXCEPTION 'a scope moves one revision at a time' {_VIOLATION};
    END IF;
    mark_moved := verifier_ledger.compared(before -> 'mark', after -> 'mark');
    same_digest := before #> '{{mark,digest}}' IS NOT DISTINCT FROM after #> '{{mark,digest}}';
    IF (mark_moved >= 0 AND (mark_moved > 0 OR same_digest)
        AND verifier_ledger.compared(before -> 'floor', after -> 'floor') >= 0
        AND verifier_ledger.holds(after -> 'quarantinedDigests', before -> 'quarantinedDigests')
        AND verifier_ledger.holds(after -> 'quarantinedVersions', before -> 'quarantinedVersions')) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the state of % would get weaker', NEW.name {_VIOLATION};
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER step BEFORE INSERT OR UPDATE ON verifier_ledger.scope
    FOR EACH ROW EXECUTE FUNCTION verifier_ledger.scope_step();
"""
"""What nobody may do, the owner included."""

_CHECKS = rf"""
-- Each looks at one JSON value: whether it is what it should be, in the one spelling that there is of it.
CREATE FUNCTION verifier_ledger.is_time(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    -- The lengths without and with a fraction: a year of five digits is none of ours.
    RETURN length(said) IN (22, 29) AND said = replace(
        to_char(btrim(said, '"')::timestamp, '"\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""'), '.000000', '');
END
$body$;
CREATE FUNCTION verifier_ledger.is_digest(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN length(said) = 73 AND said ~ '^"sha256:[0-9a-f]+"$';
END
$body$;
CREATE FUNCTION verifier_ledger.is_text(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN said = '""' OR said ~ '^{_TEXT}$';
END
$body$;

-- The lengths of the digests are looked at one by one: in a pattern each would take time.
CREATE FUNCTION verifier_ledger.is_inputs(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN said = '[]' OR (said ~ '^\[{_INPUT}(?:,{_INPUT})*\]$'
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(said::jsonb) AS each WHERE length(each ->> 'digest') <> 71));
END
$body$;

-- `said` is an event: its members but two as JSON, sorted by name: actor, comment, correlationId, detail, digest,
-- epoch, inputs, kind, policy, reasons, ruleDigest, scheme, scope, time, verdict, version.
CREATE FUNCTION verifier_ledger.require_event(said text[]) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF (cardinality(said) = 16
        AND verifier_ledger.is_text(said[1]) AND verifier_ledger.is_text(said[2])
        AND verifier_ledger.is_text(said[3]) AND verifier_ledger.is_text(said[4])
        AND (said[5] = 'null' OR verifier_ledger.is_digest(said[5]))
        AND (said[6] = 'null' OR said[6] = said[6]::integer::text)
        AND verifier_ledger.is_inputs(said[7])
        AND said[8] IN ('"accepted"', '"denied"', '"floor"', '"quarantine"', '"import"')
        AND (said[9] = 'null' OR verifier_ledger.is_digest(said[9]))
        AND (said[10] = '[]' OR said[10] ~ '^\[{_CODE}(?:,{_CODE})*\]$')
        AND (said[11] = 'null' OR verifier_ledger.is_digest(said[11]))
        AND (said[12] = 'null' OR verifier_ledger.is_text(said[12]))
        AND verifier_ledger.is_text(said[13]) AND verifier_ledger.is_time(said[14])
        AND (said[15] = 'null' OR verifier_ledger.is_digest(said[15]))
        AND (said[16] = 'null' OR verifier_ledger.is_text(said[16]))) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the event is not written canonically' {_VIOLATION};
    END IF;
END
$body$;

-- The text of an event in its place in the history, with the digest of the state that it leads to.
CREATE FUNCTION verifier_ledger.event_text(said text[], place bigint, after text) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    state text := coalesce('"sha256:' || encode(sha256(convert_to(after, 'UTF8')), 'hex') || '"', 'null');
BEGIN
    RETURN format(
        '{{"actor":%s,"comment":%s,"correlationId":%s,"detail":%s,"digest":%s,"epoch":%s,"inputs":%s,"kind":%s'
            || ',"policy":%s,"reasons":%s,"ruleDigest":%s,"scheme":%s,"scope":%s,"sequence":%s,"state":%s'
            || ',"time":%s,"verdict":%s,"version":%s}}',
        VARIADIC said[1:13] || ARRAY[place::text, state] || said[14:16]);
END
$body$;
"""

_WRITE = rf"""
-- The mark that an acceptance leads to; the newest signed time is the one thing that its event does not say.
CREATE FUNCTION verifier_ledger.mark_text(said text[], signed text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    IF (verifier_ledger.is_digest(said[5]) AND (signed = 'null' OR verifier_ledger.is_time(signed))) IS NOT TRUE THEN
        RAISE EXCEPTION 'the mark is not written canonically' {_VIOLATION};
    END IF;
    RETURN format('{{"digest":%s,"epoch":%s,"scheme":%s,"seenAt":%s,"signedTime":%s,"verdict":%s,"version":%s}}',
        said[5], said[6], said[12], said[14], signed, said[15], said[16]);
END
$body$;

-- Refuses a loader whatever is not an advance: the mark of its event, in the epoch that is, and all else byte for byte
-- as it was.
CREATE FUNCTION verifier_ledger.require_advance(said text[], before text, after text) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE
    old jsonb := before;
    signed jsonb := after::jsonb #> '{{mark,signedTime}}';
    moved text := left(before, strpos(before, ',"mark":') + 7) || verifier_ledger.mark_text(said, signed::text)
        || regexp_replace(substr(before, strpos(before, ',"quarantinedDigests":')), '\d+\}}$', '')
        || ((old ->> 'revision')::bigint + 1) || '}}';
BEGIN
    IF (said[8] = '"accepted"' AND after = moved
        AND said[6] = coalesce(old #>> '{{mark,epoch}}', old #>> '{{floor,epoch}}', '0')
        AND (old #>> '{{mark,signedTime}}' IS NULL
            OR (signed #>> '{{}}')::timestamptz >= (old #>> '{{mark,signedTime}}')::timestamptz)) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'a loader only advances' {_FORBIDDEN};
    END IF;
END
$body$;

-- Whether an acceptance that changes nothing is of the mark that stands; where nothing is ordered, nothing is compared.
CREATE FUNCTION verifier_ledger.repeats(said text[], mark jsonb) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    IF said[16] = 'null' OR mark IS NULL OR mark = 'null' THEN
        RETURN said[16] = 'null';
    END IF;
    RETURN coalesce(said[5]::jsonb = mark -> 'digest' AND verifier_ledger.compared(
        mark, format('{{"epoch":%s,"scheme":%s,"version":%s}}', said[6], said[12], said[16])::jsonb) = 0, false);
END
$body$;

CREATE FUNCTION verifier_ledger.next_head(head text, event text) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    content bytea := convert_to(event, 'UTF8');
BEGIN
    RETURN 'sha256:' || encode(sha256('verifier/ledger/history/v1\012'::bytea
        || decode(substr(head, 8), 'hex') || int8send(length(content)) || content), 'hex');
END
$body$;

CREATE FUNCTION verifier_ledger.write(loader boolean, said text[], after text, expected bigint, seen timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    of_scope text := said[13]::jsonb #>> '{{}}';
    accepted_at timestamptz := CASE said[8] WHEN '"accepted"' THEN btrim(said[14], '"')::timestamptz END;
    compared boolean := after IS NOT NULL OR expected IS NOT NULL;
    judged boolean := compared OR (loader AND accepted_at IS NOT NULL);
    before verifier_ledger.scope;
    tip record;
    event text;
BEGIN
    PERFORM verifier_ledger.require_event(said);
    IF loader AND (said[8] NOT IN ('"accepted"', '"denied"')
        OR greatest(seen, accepted_at) IS DISTINCT FROM accepted_at)
    THEN
        RAISE EXCEPTION 'a loader writes down acceptances and denials' {_FORBIDDEN};
    END IF;
    -- All is judged before this writer's turn, from what the scope is now; in it, the scope must still be that.
    IF judged THEN
        SELECT * INTO before FROM verifier_ledger.scope WHERE name = of_scope;
    END IF;
    IF compared AND expected IS DISTINCT FROM before.revision THEN
        RETURN NULL;
    ELSIF loader AND after IS NOT NULL THEN
        PERFORM verifier_ledger.require_advance(said, coalesce(before.state, '{_EMPTY}'), after);
    ELSIF loader AND after IS NULL AND judged AND NOT verifier_ledger.repeats(said, before.state::jsonb -> 'mark') THEN
        RETURN NULL;
    END IF;
    LOCK TABLE verifier_ledger.turn IN EXCLUSIVE MODE;
    SELECT sequence + 1 AS sequence, head,
        (SELECT revision FROM verifier_ledger.scope WHERE name = of_scope) AS revision
    INTO STRICT tip FROM verifier_ledger.store;
    IF judged AND before.revision IS DISTINCT FROM tip.revision THEN
        RETURN NULL;
    END IF;
    event := verifier_ledger.event_text(said, tip.sequence, after);
    IF greatest(length(event), length(after)) > {MAX_RECORD_BYTES} THEN
        RAISE EXCEPTION 'a record has at most {MAX_RECORD_BYTES} bytes' {_VIOLATION};
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
        max_time_seen = greatest(max_time_seen, seen, accepted_at)
    RETURNING head INTO tip.head;
    INSERT INTO verifier_ledger.history (sequence, scope, head, event)
    VALUES (tip.sequence, of_scope, tip.head, event);
    RETURN tip.sequence;
END
$body$;
"""  # noqa: S608 - constants of ours

# A caller's session chooses how PostgreSQL reads names and literals: '\\d' is 'd' without conforming strings. How it
# reads times does not matter, as these are all ISO 8601 with an offset; and to set it costs a fourth of a call.
_AS_OWNER = """LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on"""

_ROLES = f"""
CREATE FUNCTION verifier_ledger.record(said text[], after text, expected bigint, seen timestamptz) RETURNS bigint
{_AS_OWNER} AS $body$
BEGIN
    RETURN verifier_ledger.write(true, said, after, expected, seen);
END
$body$;
CREATE FUNCTION verifier_ledger.operate(said text[], after text, expected bigint, seen timestamptz) RETURNS bigint
{_AS_OWNER} AS $body$
BEGIN
    RETURN verifier_ledger.write(false, said, after, expected, seen);
END
$body$;

-- PostgreSQL lets everyone execute a new function.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA verifier_ledger FROM PUBLIC;
"""

WRITING = _CHECKS + _WRITE + _ROLES
"""What a role may do, by the function that it may execute."""
