"""A loader that was taken over calls its function past our own code: the history stays true, and readable."""

import contextlib
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import (
    HOUR,
    NOW,
    RULES,
    SCOPE,
    acceptance,
    at,
    candidate,
    content,
    event,
    mark,
    state,
)
from tests.support.peers.postgres_server import CALL, DENIED
from verifier.ledger.advance import append, record
from verifier.ledger.history import check, history, max_time_seen
from verifier.ledger.interface import EventKind
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.record import GENESIS, event_text, state_text
from verifier.versions.schemes import Scheme
from verifier.versions.state import ScopeState

pytestmark = pytest.mark.interop
ONE = mark("1.0.0", signed_time=NOW)


INPUT = '{"digest":"sha256:' + "0" * 64 + '","kind":"attestation"}'


class TestForgedArguments:
    """The function is told an event and a state: they must agree with each other and with what stands."""

    @pytest.fixture
    def ledger(self, opened):
        """A scope at 1.0.0, signed at noon."""
        ledger = opened("authz_loader")
        assert record(ledger, SCOPE, candidate("1.0.0", signed_time=NOW), RULES, at()).accepted
        return ledger

    @pytest.fixture
    def call(self, postgres, database):
        """Calls the loader's function, as the loader."""
        with postgres.connect("authz_loader", database) as connection:

            def call(said, after=None, expected=None):
                text = None if after is None else state_text(after)
                parameters = (members_of(said), text, expected)
                return connection.execute(CALL.format("record"), parameters).fetchone()[0]

            yield call

    @pytest.mark.parametrize(
        "said",
        [
            {"version": "2.0.0"},
            {"digest": content("other")},
            {"epoch": 1},
            {"scheme": Scheme.PEP440},
            {"time": NOW + HOUR},
            {"verdict": content("verdict")},
            {"kind": EventKind.DENIED},
            {"version": None},
            {"digest": None},
            {"epoch": None},
            {"scheme": None},
        ],
        ids=str,
    )
    def test_a_state_that_disagrees_with_its_event_is_refused(self, ledger, call, said):
        head, two = ledger.head(), mark("1.1.0", signed_time=NOW)
        with pytest.raises(DENIED):
            call(replace(acceptance(two), **said), ScopeState(revision=2, mark=two), 1)
        assert ledger.head() == head

    @pytest.mark.parametrize("version", ["not a version", "1.0", "", "01.0.0"])
    def test_a_version_that_its_scheme_does_not_know_begins_no_scope(self, ledger, postgres, database, version):
        first = mark("9.9.9", signed_time=NOW)
        said = members_of(replace(acceptance(first), scope="bundle:new")).replace("9.9.9", version)
        after = state_text(ScopeState(revision=1, mark=first)).replace("9.9.9", version)
        with postgres.connect("authz_loader", database) as connection, pytest.raises(DENIED):
            connection.execute(CALL.format("record"), (said, after, None))
        assert ledger.fetch("bundle:new").state is None

    @pytest.mark.parametrize("version", ["0.9.0", "1.0.0-rc.1", "1.0.0"])
    def test_a_lower_version_with_a_newer_revision_is_refused(self, ledger, call, version):
        lower = mark(version, digest="other", signed_time=NOW)
        with pytest.raises(DENIED):
            call(acceptance(lower), ScopeState(revision=2, mark=lower), 1)
        assert check(ledger).head.sequence == 1

    @pytest.mark.parametrize(("revision", "expected"), [(3, 1), (1, 1), (3, 2), (2, 2), (1, None), (2, None), (2, -1)])
    def test_a_revision_that_does_not_follow_changes_nothing(self, ledger, call, revision, expected):
        two = mark("1.1.0", signed_time=NOW)
        with contextlib.suppress(*DENIED):
            assert call(acceptance(two), ScopeState(revision=revision, mark=two), expected) is None
        assert (check(ledger).head.sequence, ledger.fetch(SCOPE).state.mark.version) == (1, "1.0.0")

    def test_the_signed_time_does_not_go_back(self, ledger, call):
        for signed in (None, NOW - HOUR):
            two = mark("1.1.0", signed_time=signed)
            with pytest.raises(DENIED):
                call(acceptance(two), ScopeState(revision=2, mark=two), 1)
        assert check(ledger).head.sequence == 1

    @pytest.mark.parametrize(
        "other",
        [mark("0.9.0"), mark("1.0.0", digest="other"), mark("1.0.0+build", digest="other"), mark("2.0.0")],
        ids=str,
    )
    def test_what_does_not_stand_is_not_accepted_again(self, ledger, call, other):
        assert call(acceptance(other)) is None
        assert call(acceptance(replace(ONE, epoch=1))) is None
        assert call(replace(acceptance(ONE), scope="bundle:unknown")) is None
        assert check(ledger).head.sequence == 1

    def test_what_stands_is_accepted_again_and_what_orders_nothing_is_accepted(self, ledger, call):
        assert call(acceptance(ONE)) == 2
        assert call(acceptance(mark("1.0.0+build", digest="1.0.0"))) == 3
        assert call(event(scope="bundle:unordered", digest=content("whatever"))) == 4
        assert call(event(digest=content("whatever"))) is None
        assert check(ledger).head.sequence == 4

    def test_whoever_was_overtaken_does_not_write_an_older_acceptance_down(self, ledger):
        assert record(ledger, SCOPE, candidate("2.0.0", signed_time=NOW), RULES, at()).accepted
        head = ledger.head()
        with refused("ledger.locked"):
            append(ledger, acceptance(ONE))
        assert ledger.head() == head

    def test_an_acceptance_moves_time_by_itself_and_by_nothing_else(self, ledger, call):
        for kind in EventKind:
            with pytest.raises(DENIED):
                call(replace(acceptance(ONE), kind=kind, time_seen=NOW + HOUR))
        assert call(replace(acceptance(ONE), time=NOW + HOUR)) == 2
        assert call(replace(acceptance(ONE), time=NOW - HOUR)) == 3
        assert max_time_seen(ledger) == NOW + HOUR
        check(ledger)


class TestHostileSessions:
    """What a session can set, and what a role can make, does not reach into the functions."""

    SETTINGS = (
        "SET standard_conforming_strings = off",
        "SET search_path = pg_temp, public, verifier_ledger",
        "SET datestyle = 'German, DMY'",
        "SET intervalstyle = sql_standard",
        "SET timezone = 'Pacific/Apia'",
        "SET transform_null_equals = on",
        "SET bytea_output = escape",
        "SET client_encoding = 'LATIN1'",
        "SET default_transaction_isolation = 'repeatable read'",
    )

    @pytest.fixture
    def session(self, postgres, database):
        """A loader's session in a database that is as careless as can be: it may make what it likes in `public`."""
        postgres.sql(
            database,
            f"GRANT TEMPORARY ON DATABASE {database} TO authz_loader",
            "GRANT ALL ON SCHEMA public TO authz_loader",
        )
        with postgres.connect("authz_loader", database) as connection:
            for statement in self.SETTINGS:
                connection.execute(statement)
            yield connection

    @pytest.mark.parametrize("version", ["1x0x1", "1.0.1-a|b", "1.0.1-$", "d.d.d", "0.9.0", "1.0.1\n"])
    def test_settings_do_not_change_what_a_version_is(self, session, opened, version):
        self.tries(session, ScopeState(revision=1, mark=mark("1.0.0")), None)
        text = state_text(ScopeState(revision=2, mark=mark("1.0.1"))).replace("1.0.1", version.replace("\n", "\\n"))
        said = members_of(acceptance(mark("1.0.1"))).replace("1.0.1", version.replace("\n", "\\n"))
        with pytest.raises((*DENIED, psycopg.DataError)):
            session.execute(CALL.format("record"), (said, text, 1))
        self.tries(session, ScopeState(revision=2, mark=mark("1.0.1")), 1)
        assert check(opened("authz_auditor")).head.sequence == 2

    def test_objects_of_ones_own_are_not_called(self, session, opened):
        for statement in (
            "CREATE TABLE pg_temp.scope (name text, revision bigint, sequence bigint, state text)",
            "CREATE TABLE pg_temp.store (id int, sequence bigint, head text, max_time_seen timestamptz)",
            "CREATE DOMAIN pg_temp.jsonb AS pg_catalog.text",
            "CREATE DOMAIN pg_temp.timestamptz AS pg_catalog.date",
            "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT ''hijacked''::text'",
            "CREATE FUNCTION public.length(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION public.is_less(text[], text[]) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
            "CREATE OPERATOR public.> (LEFTARG = text[], RIGHTARG = text[], FUNCTION = public.is_less)",
            "SET search_path = pg_temp, public, pg_catalog",
        ):
            session.execute(statement)
        self.tries(session, ScopeState(revision=1, mark=mark("1.0.0")), None)
        self.tries(session, ScopeState(revision=2, mark=mark("1.1.0")), 1)
        with pytest.raises(DENIED):
            self.tries(session, ScopeState(revision=3, mark=mark("1.0.5")), 2)
        assert check(opened("authz_auditor")).head.sequence == 2

    def test_an_old_snapshot_is_not_written_over_a_new_one(self, session, opened):
        ledger = opened("authz_loader")
        session.execute("BEGIN")
        session.execute("SELECT * FROM verifier_ledger.scope")
        assert record(ledger, SCOPE, candidate("2.0.0"), RULES, at()).accepted
        with pytest.raises((psycopg.errors.SerializationFailure, psycopg.errors.UniqueViolation)):
            self.tries(session, ScopeState(revision=1, mark=mark("1.0.0")), None)
        assert check(ledger).head.sequence == 1

    def tries(self, session, after, expected):
        parameters = (members_of(acceptance(after.mark)), state_text(after), expected)
        session.execute(CALL.format("record"), parameters)


class TestHostileTexts:
    """What the function takes, every reader can read: no loader makes the ledger unreadable for the others."""

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (0, "null"), (0, '"a","b":1,"c":"d"'), (0, '"\\u0041"'), (0, '"é"'), (0, '"\\/"'), (0, '"a'), (0, "1"),
            (0, ' "a"'), (4, '"sha256:00"'), (4, '"sha1:' + "0" * 66 + '"'), (5, "01"), (5, "-"), (5, "3000000000"),
            (7, '"x"'),
            (9, '["A"]'), (9, '["a",]'), (9, "[[]]"), (9, "null"), (12, "null"), (12, "1"),
            (13, '"2026-02-30T00:00:00Z"'),
            (13, '"10000-01-01T00:00:00Z"'), (13, '"2026-06-01T24:00:00Z"'),
            (13, '"2026-06-01T12:00:00.000000Z"'), (13, '"2026-06-01T12:00:00+00:00"'),
            (13, '"infinity"'), (16, "true"), (16, '"a\x7f"'), (17, '"more"'),
            (14, '"infinity"'), (14, '"2026-06-01T12:00:00Z"'), (15, "1"),
            (12, '""'), (12, '"bundle"'), (12, '"bundle:"'), (12, '":a"'), (12, '"bundle:a\\n"'),
            (12, '"bundle:\\u0007"'),
            (12, '"bundle:\\u202e"'), (12, '"bundle:\\ufeff"'), (12, '"bundle:\\u0000"'), (12, '"bundle:\\ud800"'),
            (12, '"bundle:' + "a" * 1_024 + '"'),
            (10, '"sha256:00"'), (10, '"none"'), (6, "null"), (6, "{}"), (6, '["a"]'), (6, f"[{INPUT},]"),
            (6, f" [{INPUT}]"), (6, f"[{INPUT}".replace("0", "", 1) + "]"), (6, f"[{INPUT},{INPUT}]".replace("a", "A")),
            (6, '[{"kind":"a","digest":"sha256:' + "0" * 64 + '"}]'), (6, f"[{INPUT}]".replace('"}', '","x":1}')),
        ],
    )  # fmt: skip
    def test_an_event_that_is_not_canonical_is_refused(self, postgres, database, opened, place, value):
        said = members_of(event()).split("\n")
        said[place : place + 1] = [value]
        with postgres.connect("authz_loader", database) as connection, pytest.raises(psycopg.Error):
            connection.execute(CALL.format("record"), ("\n".join(said), None, None))
        assert opened("authz_loader").head() == GENESIS

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"epoch":0', '"epoch":00'), ('"epoch":0', '"epoch":0.0'), ('"epoch":0', '"epoch":1'),
            ('"epoch":0', '"epoch":-1'),
            ('"scheme"', '"more":1,"scheme"'), ('"scheme":"semver"', '"scheme":"semver","scheme":"semver"'),
            ('"scheme":"semver"', '"scheme":"none"'), ('"scheme"', ' "scheme"'),
            ('"version":"1.0.0"', '"version":"1.0"'),
            ('"version":"1.0.0"', '"version":"\\u0031.0.0"'), ('"version":"1.0.0"', '"version":1'),
            ("sha256:", "sha256:0"),
            ("2026-06-01T12:00:00Z", "2026-06-01 12:00:00"), ('"signedTime":null', '"signedTime":"now"'),
            ('"verdict":null', '"verdict":"sha256:0"'), ('"floor":null', '"floor":{}'),
            ('"revision":1', '"revision":2'),
            ('"revision":1}', '"revision":1} '), ('"revision":1}', '"revision":1,"more":1}'),
            ('"quarantinedDigests":[]', '"quarantinedDigests":[1]'),
        ],
    )  # fmt: skip
    def test_a_state_that_is_not_canonical_is_refused(self, postgres, database, opened, old, new):
        said, text = members_of(acceptance(mark("1.0.0"))), state_text(state("1.0.0"))
        assert old in text
        with postgres.connect("authz_loader", database) as connection, pytest.raises(psycopg.Error):
            connection.execute(CALL.format("record"), (said.replace(old, new), text.replace(old, new), None))
        assert opened("authz_loader").head() == GENESIS

    def test_what_these_are_made_from_is_taken(self, postgres, database, opened):
        with postgres.connect("authz_loader", database) as connection:
            unordered = event(scope="bundle:unordered")
            for said, text in ((acceptance(mark("1.0.0")), state_text(state("1.0.0"))), (unordered, None)):
                connection.execute(CALL.format("record"), (members_of(said), text, None))
        assert check(opened("authz_loader")).head.sequence == 2

    def test_any_text_comes_back_as_it_went_in(self, opened):
        ledger = opened("authz_loader")

        @settings(max_examples=100)
        @given(st.lists(st.text(st.characters(), max_size=40), min_size=5, max_size=5))
        def goes_round(texts):
            names = ("version", "detail", "comment", "actor", "correlation_id")
            written = event(EventKind.DENIED, **dict(zip(names, texts, strict=True)))
            append(ledger, written)
            (found,) = history(ledger, limit=1)
            placed = {"sequence": found.sequence, "previous": found.previous, "beside": found.beside}
            assert event_text(found) == event_text(replace(written, **placed))

        goes_round()
        check(ledger)
