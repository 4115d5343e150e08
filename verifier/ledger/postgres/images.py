"""Tags and layers of images in a PostgreSQL ledger: its second migration.

* both are columns that the database derives from an event's text, so that they cannot contradict it
* an event that tells what a tag stands for says after which event: where the scope was told of it since, nothing is
  written (NULL), as where another writer was faster
* who may write, read and own what stays as it is
"""

from __future__ import annotations

from verifier.ledger.postgres.functions import write_with
from verifier.ledger.postgres.rows import REMEMBERED, SAID, TOLD
from verifier.ledger.postgres.texts import EACH, VIOLATION, text_of
from verifier.versions.memory import MAX_LAYERS, MAX_TAG, TAG_NAME

TAG, LAYERS = SAID["tag"], SAID["layers"]
_CHAIN = '"sha256:[0-9a-f]+"'
MAY_TELL = f"""{SAID["kind"]} IN ('"accepted"', '"import"') AND {SAID["digest"]} <> 'null'"""

_COLUMNS = r"""
-- Most events have neither: the pattern is not asked of them. Inside a JSON text a quotation mark is escaped.
ALTER TABLE verifier_ledger.history
    ADD COLUMN tag text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN strpos(event, ',"tag":{') > 0 THEN
        substring(event FROM ',"tag":\{"after":[0-9]+,"digest":"[^"]+","name":"([^"]+)"\}') END) STORED,
    ADD COLUMN layers text[] GENERATED ALWAYS AS (CASE WHEN strpos(event, ',"layers":[') > 0 THEN
        string_to_array(replace(substring(event FROM ',"layers":\[([^]]+)\]'), '"', ''), ',') END) STORED;
CREATE INDEX history_of_tag ON verifier_ledger.history (tag, scope, sequence) WHERE tag IS NOT NULL;
CREATE INDEX history_of_layers ON verifier_ledger.history USING gin (layers) WHERE layers IS NOT NULL;
"""

_TEXTS = rf"""
CREATE FUNCTION verifier_ledger.is_tag(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN said ~ '^\{{"after":(?:0|[1-9][0-9]*),"digest":{_CHAIN},"name":"{TAG_NAME}"\}}$'
        AND length(said::jsonb ->> 'after') < 19
        AND verifier_ledger.is_digest((said::jsonb -> 'digest')::text) AND length(said::jsonb ->> 'name') <= {MAX_TAG};
END
$body$;
CREATE FUNCTION verifier_ledger.is_layers(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN said ~ '^\[{_CHAIN}(?:,{_CHAIN})*\]$' AND (
        SELECT count(*) <= {MAX_LAYERS} AND count(DISTINCT chain) = count(*) AND every(length(chain) = 71)
        FROM jsonb_array_elements_text(said::jsonb) AS each (chain));
END
$body$;

CREATE OR REPLACE FUNCTION verifier_ledger.require_event(said text[]) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF (cardinality(said) = {len(TOLD) + len(REMEMBERED)}
        AND {EACH}
        AND ({TAG} = 'null' OR ({MAY_TELL} AND verifier_ledger.is_tag({TAG})))
        AND ({LAYERS} = 'null' OR ({MAY_TELL} AND verifier_ledger.is_layers({LAYERS})))) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the event is not written canonically' {VIOLATION};
    END IF;
END
$body$;
"""  # noqa: S608 - constants of ours

TOLD_SINCE = f"""    IF {TAG} <> 'null' AND ({TAG}::jsonb ->> 'after')::bigint <> (
        SELECT coalesce(max(sequence), 0) FROM verifier_ledger.history
        WHERE tag = {TAG}::jsonb ->> 'name' AND scope = of_scope)
    THEN
        RETURN NULL;
    END IF;
"""  # noqa: S608 - constants of ours

_PUBLIC = """
-- PostgreSQL lets everyone execute a new function.
REVOKE ALL ON FUNCTION verifier_ledger.is_tag, verifier_ledger.is_layers FROM PUBLIC;
"""
_REPLACED = "CREATE OR REPLACE FUNCTION"

IMAGES = _COLUMNS + _TEXTS + text_of(_REPLACED, REMEMBERED) + write_with(TOLD_SINCE) + _PUBLIC
"""The second migration."""
