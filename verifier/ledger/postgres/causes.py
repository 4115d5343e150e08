"""What an event may change follows from its kind: the table of `ledger.causes` once more, in SQL.

The database takes nobody's word for it, the operator's neither. Tests hold it to the table, case by generated case.

* `require_kind` looks at what an event says by itself
* `effect_text` is what leads from one state to the next, as the event will say it; it refuses what its kind may not do
* `stands` says whether what is accepted again is what stands, and still may be
* `require_name` refuses content that the scope knows under another version
* a state is made anew from its parts: any other spelling of it, or one member more, is refused
"""

from __future__ import annotations

from verifier.ledger.postgres.rows import SAID
from verifier.ledger.postgres.texts import UNSOUND, VIOLATION
from verifier.versions.state import MAX_QUARANTINED

EMPTY = '{"floor":null,"mark":null,"quarantinedDigests":[],"quarantinedVersions":[],"revision":0}'
_KIND, _VERSION = SAID["kind"], SAID["version"]
_NAMED = f"""format('{{"digest":%s,"epoch":%s,"scheme":%s,"version":%s}}',
            {SAID["digest"]}, {SAID["epoch"]}, {SAID["scheme"]}, {_VERSION})"""
"""What an event says of content, as JSON."""

CAUSES = rf"""
CREATE FUNCTION verifier_ledger.unsound(said text[], why text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'an event of kind % cannot lead there: %', {_KIND}, why {UNSOUND};
END
$body$;

-- A part of a state from its members: NULL, or another text than it had, where it is not one.
CREATE FUNCTION verifier_ledger.mark_text(mark jsonb) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RETURN CASE WHEN mark = 'null' THEN 'null'
        WHEN verifier_ledger.is_digest((mark -> 'digest')::text)
        AND verifier_ledger.is_number(mark ->> 'epoch') AND (mark ->> 'epoch')::integer >= 0
        AND verifier_ledger.is_time((mark -> 'seenAt')::text)
        AND (mark -> 'signedTime' = 'null' OR verifier_ledger.is_time((mark -> 'signedTime')::text))
        AND (mark -> 'verdict' = 'null' OR verifier_ledger.is_digest((mark -> 'verdict')::text))
        AND verifier_ledger.order_key(mark ->> 'scheme', mark ->> 'version') IS NOT NULL
    THEN '{{"digest":' || (mark -> 'digest')::text || ',"epoch":' || (mark -> 'epoch')::text
        || ',"scheme":' || (mark -> 'scheme')::text || ',"seenAt":' || (mark -> 'seenAt')::text
        || ',"signedTime":' || (mark -> 'signedTime')::text || ',"verdict":' || (mark -> 'verdict')::text
        || ',"version":' || (mark -> 'version')::text || '}}' END;
END
$body$;
CREATE FUNCTION verifier_ledger.floor_text(floor jsonb) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RETURN CASE WHEN floor = 'null' THEN 'null'
        WHEN verifier_ledger.is_number(floor ->> 'epoch') AND (floor ->> 'epoch')::integer >= 0
            AND verifier_ledger.order_key(floor ->> 'scheme', floor ->> 'version') IS NOT NULL
        THEN '{{"epoch":' || (floor -> 'epoch')::text || ',"scheme":' || (floor -> 'scheme')::text
            || ',"version":' || (floor -> 'version')::text || '}}' END;
END
$body$;
CREATE FUNCTION verifier_ledger.range_text(withdrawn jsonb) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
    scheme text := withdrawn ->> 'scheme';
    lowest text[] := CASE WHEN withdrawn ->> 'lowest' IS NOT NULL
        THEN verifier_ledger.order_key(scheme, withdrawn ->> 'lowest') END;
    highest text[] := CASE WHEN withdrawn ->> 'highest' IS NOT NULL
        THEN verifier_ledger.order_key(scheme, withdrawn ->> 'highest') END;
BEGIN
    IF coalesce(lowest, highest) IS NULL OR lowest > highest COLLATE "C" THEN
        RETURN NULL;
    END IF;
    RETURN '{{"highest":' || (withdrawn -> 'highest')::text || ',"lowest":' || (withdrawn -> 'lowest')::text
        || ',"scheme":' || (withdrawn -> 'scheme')::text || '}}';
END
$body$;
-- The texts of the items from one place on; NULL where one of them is none, comes twice, or there are too many.
CREATE FUNCTION verifier_ledger.items_text(items jsonb, first integer, of_ranges boolean) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    texts text[];
BEGIN
    IF jsonb_typeof(items) IS DISTINCT FROM 'array' OR jsonb_array_length(items) > {MAX_QUARANTINED} THEN
        RETURN NULL;
    END IF;
    texts := ARRAY(
        SELECT CASE WHEN of_ranges THEN verifier_ledger.range_text(item)
            WHEN verifier_ledger.is_digest(item::text) THEN item::text END
        FROM jsonb_array_elements(items) WITH ORDINALITY AS each (item, place) WHERE place > first ORDER BY place);
    IF array_position(texts, NULL) IS NOT NULL
        OR cardinality(texts) <> (SELECT count(DISTINCT item) FROM unnest(texts) AS each (item))
    THEN
        RETURN NULL;
    END IF;
    RETURN '[' || array_to_string(texts, ',') || ']';
END
$body$;
CREATE FUNCTION verifier_ledger.state_text(state jsonb) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RETURN '{{"floor":' || verifier_ledger.floor_text(state -> 'floor')
        || ',"mark":' || verifier_ledger.mark_text(state -> 'mark')
        || ',"quarantinedDigests":' || verifier_ledger.items_text(state -> 'quarantinedDigests', 0, false)
        || ',"quarantinedVersions":' || verifier_ledger.items_text(state -> 'quarantinedVersions', 0, true)
        || ',"revision":' || (state ->> 'revision')::bigint || '}}';
END
$body$;

CREATE FUNCTION verifier_ledger.require_kind(said text[]) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF {_KIND} = '"accepted"' AND {SAID["reasons"]} <> '[]' THEN
        PERFORM verifier_ledger.unsound(said, 'there are reasons against it');
    ELSIF {_KIND} IN ('"floor"', '"quarantine"') AND {_VERSION} <> 'null' THEN
        PERFORM verifier_ledger.unsound(said, 'an order accepts nothing');
    ELSIF {_KIND} = '"import"' AND {_VERSION} <> 'null' THEN
        PERFORM verifier_ledger.order_key({SAID["scheme"]}::jsonb #>> '{{}}', {_VERSION}::jsonb #>> '{{}}');
        IF ({SAID["digest"]} <> 'null' AND {SAID["epoch"]}::integer >= 0) IS NOT TRUE THEN
            PERFORM verifier_ledger.unsound(said, 'content is known by version, scheme, epoch and digest');
        END IF;
    END IF;
END
$body$;

-- Whether floor and quarantine let something be accepted; all that is ordered is of its scheme.
CREATE FUNCTION verifier_ledger.admits(state jsonb, named jsonb) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE
    key text[] := verifier_ledger.order_key(named ->> 'scheme', named ->> 'version');
    withdrawn jsonb;
BEGIN
    IF named ->> 'scheme' <> coalesce(state #>> '{{floor,scheme}}', state #>> '{{mark,scheme}}', named ->> 'scheme')
        OR named ->> 'scheme' <> coalesce(state #>> '{{mark,scheme}}', named ->> 'scheme')
        OR jsonb_exists(state -> 'quarantinedDigests', named ->> 'digest')
        OR (state -> 'floor' <> 'null' AND verifier_ledger.compared(state -> 'floor', named) < 0)
    THEN
        RETURN false;
    END IF;
    FOR withdrawn IN SELECT item FROM jsonb_array_elements(state -> 'quarantinedVersions') AS each (item) LOOP
        IF withdrawn ->> 'scheme' <> named ->> 'scheme'
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

CREATE FUNCTION verifier_ledger.stands(said text[], state jsonb) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE
    mark jsonb := state -> 'mark';
    named jsonb;
BEGIN
    IF {_VERSION} = 'null' THEN  -- only where nothing orders the scope
        RETURN mark = 'null' AND state -> 'floor' = 'null' AND state -> 'quarantinedVersions' = '[]'
            AND (state -> 'quarantinedDigests' = '[]' OR ({SAID["digest"]} <> 'null'
                AND NOT jsonb_exists(state -> 'quarantinedDigests', {SAID["digest"]}::jsonb #>> '{{}}')));
    END IF;
    named := {_NAMED}::jsonb;
    IF mark = 'null' OR (named -> 'digest' = mark -> 'digest' AND named -> 'epoch' = mark -> 'epoch'
        AND named -> 'scheme' = mark -> 'scheme') IS NOT TRUE
    THEN
        RETURN false;
    END IF;
    RETURN verifier_ledger.compared(mark, named) = 0 AND verifier_ledger.admits(state, named);
END
$body$;

-- The mark that an acceptance leads to, as text: that of its event, all else byte for byte as it was.
CREATE FUNCTION verifier_ledger.accepted_text(said text[], before text, after text) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    old jsonb := before;
    signed jsonb := after::jsonb #> '{{mark,signedTime}}';
    named jsonb := {_NAMED}::jsonb;
    mark text := format('{{"digest":%s,"epoch":%s,"scheme":%s,"seenAt":%s,"signedTime":%s,"verdict":%s,"version":%s}}',
        {SAID["digest"]}, {SAID["epoch"]}, {SAID["scheme"]}, {SAID["time"]}, signed, {SAID["verdict"]}, {_VERSION});
    moved text := left(before, strpos(before, ',"mark":') + 7) || mark
        || regexp_replace(substr(before, strpos(before, ',"quarantinedDigests":')), '\d+\}}$', '')
        || ((old ->> 'revision')::bigint + 1) || '}}';
BEGIN
    IF (after = moved AND {SAID["digest"]} <> 'null'
        AND (signed = 'null' OR verifier_ledger.is_time(signed::text))) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'it moves the mark to what it says, and nothing else');
    ELSIF ({SAID["epoch"]} = coalesce(old #>> '{{mark,epoch}}', old #>> '{{floor,epoch}}', '0')
        AND verifier_ledger.compared(old -> 'mark', named) > 0) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'it is not above the mark, in the epoch that is');
    ELSIF (old #> '{{mark,signedTime}}' = 'null' OR old -> 'mark' = 'null'
        OR (signed #>> '{{}}')::timestamptz >= (old #>> '{{mark,signedTime}}')::timestamptz) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'the newest signed time goes back');
    ELSIF {SAID["scheme"]} = '"signed-time"' AND (verifier_ledger.order_key('signed-time', signed #>> '{{}}')
        >= verifier_ledger.order_key('signed-time', named ->> 'version') COLLATE "C") IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'nobody states that signed time');
    ELSIF NOT verifier_ledger.admits(old, named) THEN
        PERFORM verifier_ledger.unsound(said, 'it lies below the floor, or is withdrawn');
    END IF;
    RETURN mark;
END
$body$;

-- What a restriction changes, and that it restricts: mark and floor upwards, in the epoch and the scheme that are.
CREATE FUNCTION verifier_ledger.require_restriction(said text[], old jsonb, new jsonb) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE
    mark_moves boolean := new -> 'mark' <> old -> 'mark';
    floor_moves boolean := new -> 'floor' <> old -> 'floor';
    grows boolean := new -> 'quarantinedDigests' <> old -> 'quarantinedDigests'
        OR new -> 'quarantinedVersions' <> old -> 'quarantinedVersions';
    named jsonb := {_NAMED}::jsonb;
BEGIN
    IF NOT (mark_moves OR floor_moves OR grows)
        OR (mark_moves AND {_KIND} <> '"import"') OR (floor_moves AND {_KIND} NOT IN ('"import"', '"floor"'))
        OR (grows AND {_KIND} NOT IN ('"import"', '"quarantine"'))
    THEN
        PERFORM verifier_ledger.unsound(said, 'it does not change what one of its kind changes, and nothing else');
    ELSIF (CASE WHEN mark_moves THEN new -> 'mark' @> named AND new -> 'mark' <> 'null'
        ELSE {_VERSION} = 'null' END) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'the mark is not what it says was accepted');
    ELSIF (SELECT count(DISTINCT epoch) > 1 FROM (VALUES (new #> '{{mark,epoch}}'), (new #> '{{floor,epoch}}'),
            (old #> '{{mark,epoch}}'), (old #> '{{floor,epoch}}')) AS each (epoch))
    THEN
        PERFORM verifier_ledger.unsound(said, 'the epoch is not the scope''s');
    ELSIF (SELECT count(DISTINCT scheme) > 1 FROM (
            VALUES (new #> '{{mark,scheme}}'), (new #> '{{floor,scheme}}')
            UNION ALL SELECT item -> 'scheme' FROM jsonb_array_elements(new -> 'quarantinedVersions') AS each (item)
        ) AS used (scheme))
    THEN
        PERFORM verifier_ledger.unsound(said, 'the scope would have versions of two schemes');
    ELSIF (mark_moves AND verifier_ledger.compared(old -> 'mark', new -> 'mark') <= 0)
        OR (floor_moves AND verifier_ledger.compared(old -> 'floor', new -> 'floor') <= 0)
    THEN
        PERFORM verifier_ledger.unsound(said, 'mark and floor only move up');
    ELSIF mark_moves AND old #>> '{{mark,signedTime}}' IS NOT NULL AND ((new #>> '{{mark,signedTime}}')::timestamptz
        >= (old #>> '{{mark,signedTime}}')::timestamptz) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'the newest signed time goes back');
    END IF;
END
$body$;

CREATE FUNCTION verifier_ledger.effect_text(said text[], before text, after text) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    old jsonb := before;
    new jsonb;
    digests integer := jsonb_array_length(old -> 'quarantinedDigests');
    ranges integer := jsonb_array_length(old -> 'quarantinedVersions');
BEGIN
    IF {_KIND} = '"denied"' THEN
        PERFORM verifier_ledger.unsound(said, 'a denial changes nothing');
    ELSIF {_KIND} = '"accepted"' THEN
        RETURN '{{"floor":null,"mark":' || verifier_ledger.accepted_text(said, before, after)
            || ',"quarantinedDigests":[],"quarantinedVersions":[]}}';
    END IF;
    new := after;
    IF after IS DISTINCT FROM verifier_ledger.state_text(new) THEN
        RAISE EXCEPTION 'the state is not written canonically' {VIOLATION};
    ELSIF (new ->> 'revision')::bigint <> (old ->> 'revision')::bigint + 1 THEN
        PERFORM verifier_ledger.unsound(said, 'a scope moves one revision at a time');
    ELSIF NOT verifier_ledger.begins(new -> 'quarantinedDigests', old -> 'quarantinedDigests')
        OR NOT verifier_ledger.begins(new -> 'quarantinedVersions', old -> 'quarantinedVersions')
    THEN
        PERFORM verifier_ledger.unsound(said, 'the quarantine only grows, at its end');
    END IF;
    PERFORM verifier_ledger.require_restriction(said, old, new);
    RETURN '{{"floor":' || CASE WHEN new -> 'floor' = old -> 'floor' THEN 'null'
            ELSE verifier_ledger.floor_text(new -> 'floor') END
        || ',"mark":' || CASE WHEN new -> 'mark' = old -> 'mark' THEN 'null'
            ELSE verifier_ledger.mark_text(new -> 'mark') END
        || ',"quarantinedDigests":' || verifier_ledger.items_text(new -> 'quarantinedDigests', digests, false)
        || ',"quarantinedVersions":' || verifier_ledger.items_text(new -> 'quarantinedVersions', ranges, true) || '}}';
END
$body$;

CREATE FUNCTION verifier_ledger.begins(items jsonb, beginning jsonb) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN items = beginning OR coalesce((SELECT jsonb_agg(item ORDER BY place)
        FROM jsonb_array_elements(items) WITH ORDINALITY AS each (item, place)
        WHERE place <= jsonb_array_length(beginning)), '[]') = beginning;
END
$body$;

-- Inside a JSON text a quotation mark is escaped: only the members themselves can look like this.
CREATE FUNCTION verifier_ledger.require_name(said text[], of_scope text) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    named jsonb := {_NAMED}::jsonb;
    known text;
    scheme text;
    version text;
BEGIN
    SELECT event INTO known FROM verifier_ledger.history
    WHERE content = named ->> 'digest' AND scope = of_scope ORDER BY sequence LIMIT 1;
    scheme := substring(known FROM ',"scheme":"([a-z0-9-]+)","scope":');
    version := substring(known FROM ',"version":"([^"\\]+)"\}}$');
    IF known IS NOT NULL AND named ->> 'scheme' <> 'signed-time' AND (scheme = named ->> 'scheme' AND
        verifier_ledger.order_key(scheme, version) = verifier_ledger.order_key(scheme, named ->> 'version')) IS NOT TRUE
    THEN
        PERFORM verifier_ledger.unsound(said, 'its content is known as version ' || coalesce(version, '?'));
    END IF;
END
$body$;
"""  # noqa: S608 - constants of ours
"""The table, as the first migration makes it."""
