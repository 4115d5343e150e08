"""What a caller says of an event, looked at member by member, and the event's text as the database writes it: SQL.

* each member is what it should be, in the one spelling that there is of it: what is stored can be read by everybody
* place, effect and the state's digest are the database's own
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.ledger.postgres.rows import MEMBERS, SAID, TOLD
from verifier.versions.state import HIDDEN, MAX_SCOPE_BYTES

VIOLATION = "USING ERRCODE = 'integrity_constraint_violation'"
FORBIDDEN = "USING ERRCODE = 'insufficient_privilege'"
UNSOUND = "USING ERRCODE = 'check_violation'"

# PostgreSQL builds a pattern's automaton anew for each use, so these are short.
_ESCAPE = r'\\["\\nrtbf]|\\u(?:00(?:0[0-7be-f]|1[0-9a-f]|7f|[89a-f][0-9a-f])|0[1-9a-f][0-9a-f]{2}|[1-9a-f][0-9a-f]{3})'
_TEXT = rf'"(?:[ !#-\[\]-~]|{_ESCAPE})*"'
_CODE = '"[a-z0-9.-]+"'
INPUT = r'\{"digest":"sha256:[0-9a-f]+","kind":"[a-z-]+"\}'
# A text has neither NUL nor surrogates here.
_HIDDEN = (
    "["
    + "".join(rf"\U{max(first, 1):08x}-\U{last:08x}" for first, last in HIDDEN if first != 0xD800)
    + r"\ue000-\uf8ff]"
)


def _optional(check: str) -> str:
    return f"{{0}} = 'null' OR {check}"


_IS_TEXT, _IS_DIGEST, _IS_TIME = (f"verifier_ledger.is_{each}({{0}})" for each in ("text", "digest", "time"))
_CHECKS = {
    "actor": _IS_TEXT,
    "comment": _IS_TEXT,
    "correlationId": _IS_TEXT,
    "detail": _IS_TEXT,
    "digest": _optional(_IS_DIGEST),
    "epoch": _optional("verifier_ledger.is_number({0})"),
    "inputs": "verifier_ledger.is_inputs({0})",
    "kind": """{0} IN ('"accepted"', '"denied"', '"floor"', '"quarantine"', '"import"')""",
    "policy": _optional(_IS_DIGEST),
    "reasons": rf"{{0}} = '[]' OR {{0}} ~ '^\[{_CODE}(?:,{_CODE})*\]$'",
    "ruleDigest": _optional(_IS_DIGEST),
    "scheme": _optional(_IS_TEXT),
    "scope": f"""({SAID["kind"]} = '"import"' AND {{0}} = '""') OR verifier_ledger.is_scope({{0}})""",
    "time": _IS_TIME,
    "timeSeen": f"""{{0}} = 'null' OR ({SAID["kind"]} = '"import"' AND {_IS_TIME})""",
    "verdict": _optional(_IS_DIGEST),
    "version": _optional(_IS_TEXT),
}
EACH = "\n        AND ".join(f"({_CHECKS[name].format(SAID[name])})" for name in TOLD)
"""The condition that each member is what it should be."""
_FILLED_IN = {"sequence": "place", "effect": "coalesce(effect, 'null')", "state": "state"}


def _written(name: str, place: int, filled_in: Mapping[str, str]) -> str:
    return f"""'{"," if place else "{"}"{name}":' || {filled_in.get(name) or SAID[name]}"""


def text_of(create: str, optional: tuple[str, ...] = (), links: Mapping[str, str] = MappingProxyType({})) -> str:
    """`event_text` as SQL, made by the words `create`; of the `optional` members those that are null are left out.

    `links` are members besides, each with the SQL that writes it from a parameter of its name.
    """
    filled_in = {**_FILLED_IN, **links}
    parts = [
        f"CASE WHEN {SAID[name]} = 'null' THEN '' ELSE {_written(name, place, filled_in)} END"
        if name in optional
        else _written(name, place, filled_in)
        for place, name in enumerate(sorted((*MEMBERS, *optional, *links)))
    ]
    written = " || ".join(parts) + " || '}'"
    more = "".join(f"{name} text, " for name in links)
    return rf"""
-- The text of an event in its place in the history, with its effect and the digest of the state that it leads to.
{create} verifier_ledger.event_text(said text[], place bigint, {more}effect text, after text) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    state text := coalesce('"sha256:' || encode(sha256(convert_to(after, 'UTF8')), 'hex') || '"', 'null');
BEGIN
    RETURN {written};
END
$body$;
"""


TEXTS = rf"""
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
    RETURN said = '[]' OR (said ~ '^\[{INPUT}(?:,{INPUT})*\]$'
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(said::jsonb) AS each WHERE length(each ->> 'digest') <> 71));
END
$body$;
CREATE FUNCTION verifier_ledger.is_number(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    RETURN said = said::integer::text;
END
$body$;
CREATE FUNCTION verifier_ledger.is_scope(said text) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE
    name text := said::jsonb #>> '{{}}';
BEGIN
    RETURN octet_length(name) <= {MAX_SCOPE_BYTES} AND name ~ '^[^:]+:.' AND (name ~ '^[ -~]+$' OR name !~ '{_HIDDEN}');
END
$body$;

-- `said` is an event: its members as JSON, sorted by name, but for those that are filled in here.
CREATE FUNCTION verifier_ledger.require_event(said text[]) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF (cardinality(said) = {len(TOLD)}
        AND {EACH}) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'the event is not written canonically' {VIOLATION};
    END IF;
END
$body$;
"""
"""Events as text, looked at and written."""
