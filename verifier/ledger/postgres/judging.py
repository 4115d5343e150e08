"""How an event is judged since the third migration: as the first has it (`postgres.causes`), in fewer steps.

PL/pgSQL prepares each expression anew for each transaction, so that what counts is how many there are: an acceptance,
which is nearly all that a ledger writes, is looked at as text where its texts say it all, and what a trigger or a
condition of the caller has said already is not asked again.

* `is_event` says what `require_event` demanded, as a condition
* `admits` orders nothing where floor and quarantine are empty
* `accepted_text` takes the parts that an acceptance does not move byte for byte from the state before
* the trigger on `scope` compares what has moved: parts that are the same bytes are as strict as they were
"""

from __future__ import annotations

from verifier.ledger.postgres.causes import EMPTY
from verifier.ledger.postgres.images import LAYERS, MAY_TELL, TAG
from verifier.ledger.postgres.rows import REMEMBERED, SAID, TOLD
from verifier.ledger.postgres.texts import EACH, INPUT, VIOLATION

_KIND, _VERSION, _SCHEME, _EPOCH, _DIGEST = (SAID[name] for name in ("kind", "version", "scheme", "epoch", "digest"))
_NAMED = f"""('{{"digest":' || {_DIGEST} || ',"epoch":' || {_EPOCH} || ',"scheme":' || {_SCHEME}
            || ',"version":' || {_VERSION} || '}}')::jsonb"""

_EVENTS = rf"""
DROP FUNCTION verifier_ledger.require_event;
CREATE FUNCTION verifier_ledger.is_event(said text[]) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN cardinality(said) = {len(TOLD) + len(REMEMBERED)}
        AND {EACH}
        AND ({TAG} = 'null' OR ({MAY_TELL} AND verifier_ledger.is_tag({TAG})))
        AND ({LAYERS} = 'null' OR ({MAY_TELL} AND verifier_ledger.is_layers({LAYERS})));
END
$body$;
-- Without inputs nothing is asked of a table: that alone would cost more than the rest.
CREATE OR REPLACE FUNCTION verifier_ledger.is_inputs(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    IF said = '[]' THEN
        RETURN true;
    END IF;
    RETURN said ~ '^\[{INPUT}(?:,{INPUT})*\]$'
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(said::jsonb) AS each WHERE length(each ->> 'digest') <> 71);
END
$body$;
"""

_ADMITS = r"""
CREATE OR REPLACE FUNCTION verifier_ledger.admits(state jsonb, named jsonb) RETURNS boolean
LANGUAGE plpgsql AS $body$
DECLARE
    of_scheme text := named ->> 'scheme';
    key text[];
    withdrawn jsonb;
BEGIN
    IF of_scheme <> coalesce(state #>> '{floor,scheme}', of_scheme)
        OR of_scheme <> coalesce(state #>> '{mark,scheme}', of_scheme)
        OR jsonb_exists(state -> 'quarantinedDigests', named ->> 'digest')
        OR (state -> 'floor' <> 'null' AND verifier_ledger.compared(state -> 'floor', named) < 0)
    THEN
        RETURN false;
    ELSIF state -> 'quarantinedVersions' = '[]' THEN
        RETURN true;
    END IF;
    key := verifier_ledger.order_key(of_scheme, named ->> 'version');
    FOR withdrawn IN SELECT item FROM jsonb_array_elements(state -> 'quarantinedVersions') AS each (item) LOOP
        IF withdrawn ->> 'scheme' <> of_scheme
            OR ((withdrawn ->> 'lowest' IS NULL OR key >= verifier_ledger.order_key(
                    withdrawn ->> 'scheme', withdrawn ->> 'lowest') COLLATE "C")
                AND (withdrawn ->> 'highest' IS NULL OR key <= verifier_ledger.order_key(
                    withdrawn ->> 'scheme', withdrawn ->> 'highest') COLLATE "C"))
        THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$body$;
"""

_ACCEPTED = rf"""
CREATE OR REPLACE FUNCTION verifier_ledger.accepted_text(said text[], before text, after text) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    old jsonb := before;
    old_mark jsonb := old -> 'mark';
    signed text := after::jsonb #> '{{mark,signedTime}}';
    named jsonb := {_NAMED};
    mark text := '{{"digest":' || {_DIGEST} || ',"epoch":' || {_EPOCH} || ',"scheme":' || {_SCHEME} || ',"seenAt":'
        || {SAID["time"]} || ',"signedTime":' || signed || ',"verdict":' || {SAID["verdict"]} || ',"version":'
        || {_VERSION} || '}}';
BEGIN
    -- All but the mark and the revision is what it was, byte for byte; the revision stands last.
    IF (after = left(before, strpos(before, ',"mark":') + 7) || mark
            || split_part(substr(before, strpos(before, ',"quarantinedDigests":')), ',"revision":', 1)
            || ',"revision":' || ((old ->> 'revision')::bigint + 1) || '}}'
        AND {_DIGEST} <> 'null' AND (signed = 'null' OR verifier_ledger.is_time(signed))) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'it moves the mark to what it says, and nothing else');
    ELSIF ({_EPOCH} = coalesce(old_mark ->> 'epoch', old #>> '{{floor,epoch}}', '0')
        AND verifier_ledger.compared(old_mark, named) > 0) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'it is not above the mark, in the epoch that is');
    ELSIF (old_mark = 'null' OR old_mark -> 'signedTime' = 'null'
        OR nullif(btrim(signed, '"'), 'null')::timestamptz >= (old_mark ->> 'signedTime')::timestamptz) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'the newest signed time goes back');
    ELSIF {_SCHEME} = '"signed-time"' AND (verifier_ledger.order_key('signed-time', nullif(btrim(signed, '"'), 'null'))
        >= verifier_ledger.order_key('signed-time', named ->> 'version') COLLATE "C") IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'nobody states that signed time');
    ELSIF NOT verifier_ledger.admits(old, named) THEN
        PERFORM verifier_ledger.unsound(said, 'it lies below the floor, or is withdrawn');
    END IF;
    RETURN mark;
END
$body$;
"""

_TRIGGER = rf"""
CREATE OR REPLACE FUNCTION verifier_ledger.scope_step() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    old_text text := '{EMPTY}';
    before jsonb;
    after jsonb := NEW.state;
    mark_moved integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        old_text := OLD.state;
        IF NEW.name <> OLD.name OR NEW.sequence <= OLD.sequence THEN
            RAISE EXCEPTION 'a scope moves with its newest event' {VIOLATION};
        END IF;
    END IF;
    before := old_text;
    IF NEW.revision IS DISTINCT FROM (after ->> 'revision')::bigint
        OR NEW.revision <> (before ->> 'revision')::bigint + 1
    THEN
        RAISE EXCEPTION 'a scope moves one revision at a time' {VIOLATION};
    END IF;
    mark_moved := verifier_ledger.compared(before -> 'mark', after -> 'mark');
    IF (mark_moved >= 0
        AND (mark_moved > 0 OR before #> '{{mark,digest}}' IS NOT DISTINCT FROM after #> '{{mark,digest}}')
        AND (before -> 'mark' = 'null' OR before #> '{{mark,epoch}}' = after #> '{{mark,epoch}}')
        AND (before -> 'floor' = after -> 'floor'
            OR verifier_ledger.compared(before -> 'floor', after -> 'floor') >= 0)
        AND (before -> 'quarantinedDigests' = after -> 'quarantinedDigests'
            OR after -> 'quarantinedDigests' @> (before -> 'quarantinedDigests'))
        AND (before -> 'quarantinedVersions' = after -> 'quarantinedVersions'
            OR after -> 'quarantinedVersions' @> (before -> 'quarantinedVersions'))) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the state of % would get weaker', NEW.name {VIOLATION};
    END IF;
    RETURN NEW;
END
$body$;
DROP FUNCTION verifier_ledger.holds;
"""

JUDGING = _EVENTS + _ADMITS + _ACCEPTED + _TRIGGER
"""The part of the third migration that judges."""
