"""How versions order, as the database itself computes it: `versions.schemes` once more, in SQL.

A loader's word is not taken for "higher": whoever may only advance cannot claim that 1.0 follows 2.0.

* `order_key` gives an array of texts that compares, byte by byte, as the scheme orders
* it raises for what `versions.schemes.order_key` raises for
* `compared` says whether a mark or a floor is lower (-1), the same (0) or higher (1) than the one before it
"""

from __future__ import annotations

_NUMBER = r"(?:0|[1-9]\d*)"
_IDENTIFIER = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_SEMVER = rf"^({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?{_BUILD}$"
_CALVER = r"^(\d{4}|\d\d)[.-](\d{1,9})(?:[.-](\d{1,9}))?(?:[.-](\d{1,9}))?$"
_TIME = (
    r"^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:(\.\d{1,6})\d{0,3})?"
    r"(?:[Zz]|([+-](?:[01]\d|2[0-3]):[0-5]\d))$"
)
# PEP 440, appendix B; matched against the text in lower case.
_PEP440 = (
    r"^v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
    r"(?:[._-]?(alpha|a|beta|b|preview|pre|c|rc)[._-]?(\d*))?"
    r"(?:-(\d+)|[._-]?(post|rev|r)[._-]?(\d*))?"
    r"(?:[._-]?(dev)[._-]?(\d*))?"
    r"(?:\+([a-z0-9]+(?:[._-][a-z0-9]+)*))?$"
)

ORDER = rf"""
-- A number of any length as a text that orders by value: its length, then its digits.
CREATE FUNCTION verifier_ledger.number_key(digits text) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT lpad(length(ltrim(digits, '0'))::text, 3, '0') || ltrim(digits, '0')
$body$;

CREATE FUNCTION verifier_ledger.semver_key(version text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    part text[] := regexp_match(version, '{_SEMVER}');
    keys text[] := ARRAY(SELECT verifier_ledger.number_key(each) FROM unnest(part[1:3]) AS each);
BEGIN
    IF part[4] IS NULL THEN  -- a release follows its pre-releases
        RETURN CASE WHEN part IS NOT NULL THEN keys || '2'::text END;
    END IF;
    RETURN keys || ARRAY(
        SELECT CASE WHEN each ~ '^\d+$' THEN '0' || verifier_ledger.number_key(each) ELSE '1' || each END
        FROM unnest(string_to_array(part[4], '.')) AS each);
END
$body$;

CREATE FUNCTION verifier_ledger.calver_key(version text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    part text[] := regexp_match(version, '{_CALVER}');
BEGIN
    IF length(part[1]) = 2 THEN
        part[1] := '20' || part[1];
    END IF;
    RETURN CASE WHEN part IS NOT NULL THEN
        ARRAY(SELECT verifier_ledger.number_key(coalesce(each, '0')) FROM unnest(part) AS each) END;
END
$body$;

CREATE FUNCTION verifier_ledger.time_key(version text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    part text[] := regexp_match(version, '{_TIME}');
    instant timestamp := (part[1] || ' ' || part[2] || coalesce(part[3], ''))::timestamp
        - coalesce(part[4], '+00:00')::interval;
BEGIN
    IF instant IS NULL OR instant < '0001-01-01' OR instant >= '10000-01-01' THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY[to_char(instant, 'YYYYMMDDHH24MISSUS')];
END
$body$;

CREATE FUNCTION verifier_ledger.pep440_key(version text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    part text[] := regexp_match(lower(version COLLATE "C"), '{_PEP440}');
    post text := coalesce(part[5], CASE WHEN part[6] IS NOT NULL THEN part[7] END);
    keys text[];
BEGIN
    IF part IS NULL THEN
        RETURN NULL;
    END IF;
    keys := verifier_ledger.number_key(coalesce(part[1], '0')) || ARRAY(
        SELECT '1' || verifier_ledger.number_key(each)
        FROM unnest(string_to_array(regexp_replace(part[2], '(\.0+)+$', ''), '.')) AS each);
    RETURN keys || ARRAY[
        '0',
        CASE
            WHEN part[3] IS NOT NULL
            THEN '1' || CASE left(part[3], 1) WHEN 'a' THEN 'a' WHEN 'b' THEN 'b' ELSE 'c' END
                || verifier_ledger.number_key(part[4])
            WHEN post IS NULL AND part[8] IS NOT NULL THEN '0'
            ELSE '2'
        END,
        CASE WHEN post IS NULL THEN '0' ELSE '1' || verifier_ledger.number_key(post) END,
        CASE WHEN part[8] IS NULL THEN '2' ELSE '1' || verifier_ledger.number_key(part[9]) END
    ] || ARRAY(
        SELECT CASE WHEN each ~ '^\d+$' THEN '1' || verifier_ledger.number_key(each) ELSE '0' || each END
        FROM unnest(regexp_split_to_array(part[10], '[._-]')) AS each);
END
$body$;

CREATE FUNCTION verifier_ledger.order_key(scheme text, version text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    keys text[];
BEGIN
    -- ASCII: where the database's locale is ICU's, \d is any digit there is.
    IF octet_length(version) <= 256 AND octet_length(version) = length(version) THEN
        keys := CASE scheme
            WHEN 'semver' THEN verifier_ledger.semver_key(version)
            WHEN 'integer' THEN
                CASE WHEN version ~ '^(?:0|[1-9]\d{{0,63}})$' THEN ARRAY[verifier_ledger.number_key(version)] END
            WHEN 'calver' THEN verifier_ledger.calver_key(version)
            WHEN 'pep440' THEN verifier_ledger.pep440_key(version)
            WHEN 'rfc3339' THEN verifier_ledger.time_key(version)
            WHEN 'signed-time' THEN verifier_ledger.time_key(version)
        END;
    END IF;
    IF keys IS NULL THEN
        RAISE EXCEPTION 'version % is not of scheme %', version, scheme
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN keys;
END
$body$;

CREATE FUNCTION verifier_ledger.compared(before jsonb, after jsonb) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    old_key text[];
    new_key text[];
    epochs integer := sign((after ->> 'epoch')::integer - (before ->> 'epoch')::integer);
BEGIN
    IF after = 'null' THEN
        RETURN CASE WHEN before = 'null' THEN 0 ELSE -1 END;
    END IF;
    new_key := verifier_ledger.order_key(after ->> 'scheme', after ->> 'version');
    IF before = 'null' OR epochs <> 0 THEN
        RETURN coalesce(epochs, 1);
    END IF;
    IF before ->> 'scheme' <> after ->> 'scheme' THEN
        RAISE EXCEPTION 'one epoch has one scheme' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    old_key := verifier_ledger.order_key(before ->> 'scheme', before ->> 'version');
    RETURN CASE WHEN new_key = old_key THEN 0 WHEN new_key > old_key COLLATE "C" THEN 1 ELSE -1 END;
END
$body$;
"""  # noqa: S608 - patterns of ours
"""The functions, as the first migration makes them."""
