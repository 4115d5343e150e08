"""Who else than its owner could change a PostgreSQL ledger: rights that the guide does not give.

* a right to write past the functions, to add to the schema, to call what is nobody's to call: `ledger.exposed`
* objects of another owner than the schema's are that too: their owner changes them at will
* a right to make objects in `public` is a warning (`ledger.open-schema`): nothing of ours looks for names there, but
  what an owner types by hand does
"""

from __future__ import annotations

from typing import Any

import psycopg

from verifier.core.errors import refuse
from verifier.core.outcome import Reason

_EXPOSED = """
WITH ledger AS (SELECT oid, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname = 'verifier_ledger'),
named AS (
    SELECT 'schema' AS what, ledger.nspowner AS owner, 'verifier_ledger' AS name, held.grantee, held.privilege_type
    FROM ledger, pg_catalog.aclexplode(ledger.nspacl) AS held WHERE held.privilege_type <> 'USAGE'
    UNION ALL
    SELECT 'table', relowner, relname, held.grantee, held.privilege_type
    FROM ledger JOIN pg_catalog.pg_class ON relnamespace = ledger.oid, pg_catalog.aclexplode(relacl) AS held
    WHERE held.privilege_type <> 'SELECT'
    UNION ALL
    SELECT 'column', relowner, relname || '.' || attname, held.grantee, held.privilege_type
    FROM ledger JOIN pg_catalog.pg_class ON relnamespace = ledger.oid
    JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid, pg_catalog.aclexplode(attacl) AS held
    WHERE held.privilege_type <> 'SELECT'
    UNION ALL
    SELECT 'function', proowner, proname, held.grantee, held.privilege_type
    FROM ledger JOIN pg_catalog.pg_proc ON pronamespace = ledger.oid,
        pg_catalog.aclexplode(coalesce(proacl, pg_catalog.acldefault('f', proowner))) AS held
    WHERE proname NOT IN ('record', 'operate', 'moment') OR held.grantee = 0
    UNION ALL
    SELECT 'schema', ledger.nspowner, 'verifier_ledger', held.grantee, 'default ' || held.privilege_type
    FROM ledger JOIN pg_catalog.pg_default_acl ON defaclnamespace IN (ledger.oid, 0) AND defaclrole = ledger.nspowner,
        pg_catalog.aclexplode(defaclacl) AS held WHERE held.privilege_type NOT IN ('SELECT', 'USAGE')
)
SELECT what, name::text, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(grantee)::text END,
    privilege_type FROM named WHERE grantee <> owner
UNION ALL
SELECT 'table', relname::text, pg_catalog.pg_get_userbyid(relowner)::text, 'OWNER'
FROM ledger JOIN pg_catalog.pg_class ON relnamespace = ledger.oid WHERE relowner <> nspowner
UNION ALL
SELECT 'function', proname::text, pg_catalog.pg_get_userbyid(proowner)::text, 'OWNER'
FROM ledger JOIN pg_catalog.pg_proc ON pronamespace = ledger.oid WHERE proowner <> nspowner
ORDER BY 1, 2, 3, 4 LIMIT 20
"""
_OPEN = """
SELECT CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(held.grantee)::text END
FROM pg_catalog.pg_namespace, pg_catalog.aclexplode(nspacl) AS held
WHERE nspname = 'public' AND held.privilege_type = 'CREATE' AND held.grantee <> nspowner
    AND held.grantee <> (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
ORDER BY 1 LIMIT 20
"""


def require_unexposed(connection: psycopg.Connection[tuple[Any, ...]], subject: str) -> None:
    """Refuse a ledger that somebody else than its owner could change."""
    found = connection.execute(_EXPOSED).fetchall()
    if found:
        shown = "; ".join(f"{who} has {right} on the {what} {name}" for what, name, who, right in found)
        hint = "Revoke what docs/ledger-postgresql.md does not grant, as the owner; then look at the history."
        raise refuse("ledger.exposed", subject, shown, hint)


def open_schema(connection: psycopg.Connection[tuple[Any, ...]], subject: str) -> tuple[Reason, ...]:
    """A warning where others may make objects in `public`."""
    found = [who for (who,) in connection.execute(_OPEN)]
    if not found:
        return ()
    message = f"{', '.join(found)} may make objects in the schema public: REVOKE CREATE ON SCHEMA public FROM them"
    return (Reason(code="ledger.open-schema", subject=subject, message=message),)
