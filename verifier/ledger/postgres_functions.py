"""The one way into a PostgreSQL ledger's tables: functions that decide what a role may do to them.

* `record` is the loader's: it appends an acceptance or a denial, and moves a mark up within its epoch, nothing else
* `operate` is the operator's: any event, and any state that is at least as strict as the one before
* what is written is canonical, chained to the head, and carries the digest of the state that it leads to
* one statement locks the head, compares the revision, and writes state, event, head and time, or none of it (NULL)
* the triggers hold for the owner of the tables too: the history is append-only, nothing gets weaker
"""

from __future__ import annotations

from verifier.ledger.record import MAX_RECORD_BYTES

_VIOLATION = "USING ERRCODE = 'integrity_constraint_violation'"

_ESCAPE = (
    r'\\["\\nrtbf]|\\u(?:00(?:0[0-7be-f]|1[0-9a-f]|7f|[89a-f][0-9a-f])|0[1-9a-f][0-9a-f]{2}|[1-9a-f][0-9a-f]{3})'
)
_TEXT = rf'"(?:[ !#-\[\]-~]|{_ESCAPE})*"'
_DIGEST = '"sha256:[0-9a-f]{64}"'
_COUNT = r"(?:0|[1-9]\d{0,9})"
_TIME = r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"'
_VERSION = '"[0-9A-Za-z.!+_:-]+"'
_SCHEME = '"[a-z0-9-]+"'


def _or_null(pattern: str) -> str:
    return f"(?:null|{pattern})"


def _list(pattern: str) -> str:
    return rf"\[(?:{pattern}(?:,{pattern})*)?\]"


_EVENT = (
    rf'^\{{"actor":{_TEXT},"comment":{_TEXT},"correlationId":{_TEXT},"detail":{_TEXT},"digest":{_or_null(_DIGEST)}'
    rf',"epoch":{_or_null(_COUNT)},"kind":"(accepted|denied|floor|quarantine|import)","policy":{_or_null(_DIGEST)}'
    rf',"reasons":{_list(_TEXT)},"scheme":{_or_null(_TEXT)},"scope":({_TEXT}),"sequence":0'
    rf',"state":({_or_null(_DIGEST)}),"time":({_TIME}),"verdict":{_or_null(_DIGEST)},"version":{_or_null(_TEXT)}\}}$'
)
_MARK = (
    rf'\{{"digest":{_DIGEST},"epoch":{_COUNT},"scheme":{_SCHEME},"seenAt":{_TIME},"signedTime":{_or_null(_TIME)}'
    rf',"verdict":{_or_null(_DIGEST)},"version":{_VERSION}\}}'
)
_FLOOR = rf'\{{"epoch":{_COUNT},"scheme":{_SCHEME},"version":{_VERSION}\}}'
_RANGE = rf'\{{"highest":{_or_null(_VERSION)},"lowest":{_or_null(_VERSION)},"scheme":{_SCHEME}\}}'
_STATE = (
    rf'^\{{"floor":{_or_null(_FLOOR)},"mark":{_or_null(_MARK)},"quarantinedDigests":{_list(_DIGEST)}'
    rf',"quarantinedVersions":{_list(_RANGE)},"revision":[1-9]\d{{0,17}}\}}$'
)

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

CREATE FUNCTION verifier_ledger.scope_step() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    before jsonb := '{{"mark":null,"floor":null,"quarantinedDigests":[],"quarantinedVersions":[],"revision":0}}';
    after jsonb;
    mark_moved integer;
BEGIN
    IF length(NEW.state) > {MAX_RECORD_BYTES} OR NEW.state !~ '{_STATE}' THEN
        RAISE EXCEPTION 'the state of % is not written canonically', NEW.name {_VIOLATION};
    END IF;
    after := NEW.state::jsonb;
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state::jsonb;
        IF NEW.name <> OLD.name OR NEW.sequence <= OLD.sequence THEN
            RAISE EXCEPTION 'a scope moves with its newest event' {_VIOLATION};
        END IF;
    END IF;
    IF NEW.revision <> (after ->> 'revision')::bigint OR NEW.revision <> (before ->> 'revision')::bigint + 1 THEN
        RAISE EXCEPTION 'a scope moves one revision at a time' {_VIOLATION};
    END IF;
    mark_moved := verifier_ledger.compared(before -> 'mark', after -> 'mark');
    IF mark_moved < 0 OR (mark_moved = 0 AND before #> '{{mark,digest}}' <> after #> '{{mark,digest}}')
        OR verifier_ledger.compared(before -> 'floor', after -> 'floor') < 0
        OR NOT verifier_ledger.holds(after -> 'quarantinedDigests', before -> 'quarantinedDigests')
        OR NOT verifier_ledger.holds(after -> 'quarantinedVersions', before -> 'quarantinedVersions')
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

WRITING = rf"""
-- Equality first: containment compares every item with every other.
CREATE FUNCTION verifier_ledger.holds(items jsonb, wanted jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $body$
    SELECT items = wanted OR items @> wanted
$body$;

-- Whether a scope only moved its mark up, within its epoch, and all else is as it was.
CREATE FUNCTION verifier_ledger.is_advance(before text, after text) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE
    old jsonb := coalesce(before, '{{"mark":null,"floor":null,"quarantinedDigests":[],"quarantinedVersions":[]}}')::jsonb;
    new jsonb := after::jsonb;
BEGIN
    RETURN old - ARRAY['mark', 'revision'] = new - ARRAY['mark', 'revision']
        AND verifier_ledger.compared(old -> 'mark', new -> 'mark') > 0
        AND new #>> '{{mark,epoch}}' = coalesce(old #>> '{{mark,epoch}}', old #>> '{{floor,epoch}}', '0');
END
$body$;

CREATE FUNCTION verifier_ledger.write(
    loader boolean, new_event text, new_state text, expected bigint, seen timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    said text[] := regexp_match(new_event, '{_EVENT}');  -- kind, scope, state, time
    of_scope text := said[2]::jsonb #>> '{{}}';
    state_said text := coalesce('"sha256:' || encode(sha256(convert_to(new_state, 'UTF8')), 'hex') || '"', 'null');
    tip verifier_ledger.store;
    old verifier_ledger.scope;
    placed text;
    content bytea;
BEGIN
    IF said IS NULL OR length(new_event) > {MAX_RECORD_BYTES} OR said[3] <> state_said
        OR trim('"' from said[4])::timestamptz IS NULL
    THEN
        RAISE EXCEPTION 'the event is not written canonically, or of another state' {_VIOLATION};
    END IF;
    IF loader AND (said[1] NOT IN ('accepted', 'denied')
        OR (said[1] = 'denied' AND (new_state IS NOT NULL OR seen IS NOT NULL))
        OR seen <> trim('"' from said[4])::timestamptz)
    THEN
        RAISE EXCEPTION 'a loader writes down acceptances and denials' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Who has lost the race already need not wait for the head; whoever has not looks again once it has it.
    IF new_state IS NOT NULL AND expected IS DISTINCT FROM (SELECT revision FROM verifier_ledger.scope WHERE name = of_scope)
    THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT tip FROM verifier_ledger.store FOR UPDATE;
    tip.sequence := tip.sequence + 1;
    IF new_state IS NOT NULL THEN
        SELECT * INTO old FROM verifier_ledger.scope WHERE name = of_scope;
        IF expected IS NULL THEN
            INSERT INTO verifier_ledger.scope (name, revision, sequence, state)
            VALUES (of_scope, 1, tip.sequence, new_state) ON CONFLICT DO NOTHING;
        ELSE
            UPDATE verifier_ledger.scope SET revision = expected + 1, sequence = tip.sequence, state = new_state
            WHERE name = of_scope AND revision = expected;
        END IF;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF loader AND NOT verifier_ledger.is_advance(old.state, new_state) THEN
            RAISE EXCEPTION 'a loader only advances' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    -- Inside a text every quotation mark is escaped: only the member itself looks like this.
    placed := replace(new_event, ',"sequence":0,', ',"sequence":' || tip.sequence || ',');
    content := convert_to(placed, 'UTF8');
    tip.head := 'sha256:' || encode(sha256(
        'verifier/ledger/history/v1\012'::bytea || decode(substr(tip.head, 8), 'hex')
        || int8send(length(content)) || content), 'hex');
    INSERT INTO verifier_ledger.history (sequence, scope, head, event)
    VALUES (tip.sequence, of_scope, tip.head, placed);
    UPDATE verifier_ledger.store
    SET sequence = tip.sequence, head = tip.head, max_time_seen = greatest(max_time_seen, seen);
    RETURN tip.sequence;
END
$body$;

CREATE FUNCTION verifier_ledger.record(event text, state text, expected bigint, seen timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT verifier_ledger.write(true, event, state, expected, seen)
$body$;
CREATE FUNCTION verifier_ledger.operate(event text, state text, expected bigint, seen timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT verifier_ledger.write(false, event, state, expected, seen)
$body$;

-- PostgreSQL lets everyone execute a new function.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA verifier_ledger FROM PUBLIC;
"""
"""What a role may do, by the function that it may execute."""
