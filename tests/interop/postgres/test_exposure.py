"""What others could change in a PostgreSQL ledger, or put in the way of who opens it."""

import psycopg
import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import COUNTING, RULES, SCOPE, at, candidate, counted
from tests.support.peers.postgres_server import empty_database, guide
from verifier.ledger.advance import record
from verifier.ledger.history import check
from verifier.ledger.postgres.store import create_ledger, open_ledger

pytestmark = pytest.mark.interop

TRAPS = """
CREATE TABLE public.caught (who text);
GRANT INSERT ON public.caught TO PUBLIC;
CREATE FUNCTION public.concat_ws(text, name, smallint, "char") RETURNS text LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT ''x''';
CREATE FUNCTION public.concat_ws(text, "char", "char", boolean, boolean) RETURNS text LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT ''x''';
CREATE FUNCTION public.concat_ws(text, text, boolean) RETURNS text LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT ''x''';
CREATE FUNCTION public.has_function_privilege(text, text) RETURNS boolean LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT true';
CREATE FUNCTION public.string_to_array(text, text) RETURNS text[] LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT NULL::text[]';
CREATE FUNCTION public.caught_name(name, text) RETURNS boolean LANGUAGE sql AS
    'INSERT INTO public.caught VALUES (current_user); SELECT true';
CREATE OPERATOR public.<> (LEFTARG = name, RIGHTARG = text, FUNCTION = public.caught_name);
CREATE OPERATOR public.|| (LEFTARG = name, RIGHTARG = text, FUNCTION = public.caught_name);
"""
SETTINGS = (
    "search_path = public, pg_catalog",
    "datestyle = 'German, DMY'",
    "timezone = 'Pacific/Apia'",
    "standard_conforming_strings = off",
    "transform_null_equals = on",
    "synchronous_commit = off",
    "bytea_output = escape",
    "default_transaction_isolation = serializable",
)


@pytest.fixture
def careless(postgres, database):
    """A database in which the loader may make what it likes, and did: as PostgreSQL before 15 is by default."""
    postgres.sql(database, "GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC")
    with postgres.connect("authz_loader", database) as connection:
        for statement in TRAPS.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return database


class TestTraps:
    def caught(self, postgres, database):
        return postgres.sql(database, "SELECT who FROM public.caught")

    @pytest.mark.parametrize("role", ["verifier_owner", "authz_auditor", "authz_loader", "authz_operator", "postgres"])
    def test_nothing_that_a_role_made_in_public_runs_as_whoever_opens_the_ledger(self, postgres, careless, role):
        with open_ledger(postgres.url(role, careless)) as ledger:
            assert (ledger.scopes().states, list(ledger.events()), ledger.fetch(SCOPE).state) == ((), [], None)
            if role != "authz_auditor":
                assert record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
            assert check(ledger)
        assert self.caught(postgres, careless) == []

    @pytest.mark.parametrize("of", ["ROLE authz_loader", "ROLE authz_loader IN DATABASE {}", "DATABASE {}"])
    def test_what_role_and_database_set_is_not_what_a_connection_has(self, postgres, careless, of):
        target, asked = of.format(careless), "-c search_path=public,pg_catalog -c datestyle=SQL"
        postgres.sql("postgres", *(f"ALTER {target} SET {setting}" for setting in SETTINGS))
        try:
            with open_ledger(postgres.url("authz_loader", careless, options=asked)) as ledger:
                for number in (1, 2):
                    assert record(ledger, SCOPE, counted(number), COUNTING, at()).accepted
                assert check(ledger).head.sequence == 2
        finally:
            postgres.sql("postgres", f"ALTER {target} RESET ALL")
        assert self.caught(postgres, careless) == []

    def test_these_traps_catch_whoever_does_not_say_where_names_are(self, postgres, careless):
        query = "SELECT concat_ws(' ', relkind, relpersistence, relrowsecurity, relhasrules) FROM pg_class LIMIT 1"
        postgres.sql(careless, query, user="verifier_owner")
        assert self.caught(postgres, careless) == [("verifier_owner",)]

    def test_temporary_objects_are_not_found_before_the_servers(self, postgres, database):
        postgres.sql(database, f"GRANT TEMPORARY ON DATABASE {database} TO authz_loader")
        with open_ledger(postgres.url("authz_loader", database), connections=1) as ledger:
            with ledger._connections.borrowed() as connection:
                connection.execute("CREATE TEMPORARY TABLE pg_class (oid oid)")
            assert record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
        with open_ledger(postgres.url("authz_loader", database)) as ledger:
            assert check(ledger).head.sequence == 1

    def test_that_somebody_may_make_objects_in_public_is_warned_of(self, postgres, careless, database):
        assert database == careless
        with open_ledger(postgres.url("authz_loader", careless)) as ledger:
            assert [(each.code, each.is_error) for each in ledger.findings] == [("ledger.open-schema", False)]
        postgres.sql(careless, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        with open_ledger(postgres.url("authz_loader", careless)) as ledger:
            assert ledger.findings == ()


class TestRights:
    @pytest.mark.parametrize(
        "statement",
        [
            "GRANT UPDATE ON verifier_ledger.store TO authz_loader",
            "GRANT INSERT ON verifier_ledger.history TO PUBLIC",
            "GRANT TRIGGER ON verifier_ledger.scope TO authz_operator",
            "GRANT UPDATE (state) ON verifier_ledger.scope TO authz_loader",
            "GRANT CREATE ON SCHEMA verifier_ledger TO authz_loader",
            "GRANT EXECUTE ON FUNCTION verifier_ledger.write TO authz_loader",
            "GRANT EXECUTE ON FUNCTION verifier_ledger.operate TO PUBLIC",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA verifier_ledger GRANT ALL ON TABLES TO authz_loader",
        ],
    )
    def test_a_right_that_the_guide_does_not_give_is_refused_to_everybody(self, postgres, database, statement):
        postgres.sql(database, statement, user="verifier_owner")
        for role in ("authz_auditor", "authz_loader", "verifier_owner"):
            with refused("ledger.exposed"):
                open_ledger(postgres.url(role, database))

    @pytest.mark.parametrize("what", ["TABLE verifier_ledger.scope", "FUNCTION verifier_ledger.compared"])
    def test_so_is_an_object_of_another_owner(self, postgres, database, what):
        postgres.sql(database, f"ALTER {what} OWNER TO authz_loader")
        with refused("ledger.exposed"):
            open_ledger(postgres.url("authz_auditor", database))

    def test_the_guides_own_are_not(self, postgres):
        name = empty_database(postgres)
        create_ledger(postgres.url("verifier_owner", name))
        postgres.script(name, guide("Grants"), user="verifier_owner")
        open_ledger(postgres.url("authz_auditor", name)).close()

    def test_a_pooler_that_drops_what_was_asked_for_is_not_used(self, postgres, database, monkeypatch):
        """What it forwards is a connection with the server's own settings."""
        plain = psycopg.conninfo.make_conninfo(postgres.url("authz_loader", database))
        monkeypatch.setattr("verifier.ledger.postgres.connection._with_options", lambda *_, **__: plain)
        with refused("ledger.unavailable"):
            open_ledger(postgres.url("authz_loader", database))
