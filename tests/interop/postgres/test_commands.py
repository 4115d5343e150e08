"""The command on a PostgreSQL ledger: made by its owner, advanced by loaders, restricted by operators."""

import json

import pytest

from tests.support import workplace
from tests.support.command import ask, run
from tests.support.peers.postgres_server import empty_database, guide, ledger_database
from tests.support.publishing.releases import VERIFY, release
from verifier.ledger.history import check
from verifier.ledger.postgres.store import open_ledger

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("place")]
place = workplace.place
SCOPE = "bundle:authz"
WHY = ("--reason", "CVE-2026-1", "--actor", "ada")


@pytest.fixture
def roles(postgres, database):
    """The `--ledger` of each role, with a password that trust does not ask for."""
    users = ("loader", "operator", "auditor")
    return {user: ("--ledger", postgres.url(f"authz_{user}:hunter2", database)) for user in users}


def verify(revision, ledger, **options):
    """Verify and record a release; its exit status and codes."""
    answer = ask("bundle", release(revision, **options), *VERIFY, "--record", *ledger)
    assert "hunter2" not in answer.out + answer.err
    return answer.status, answer.codes


class TestInit:
    def test_the_owner_makes_it_once_and_no_password_is_shown(self, postgres):
        database = empty_database(postgres)
        ledger = ("--ledger", postgres.url("verifier_owner:hunter2", database))
        made, again = run("ledger", "init", *ledger), run("ledger", "init", *ledger)
        assert (made.status, again.status) == (0, 2)
        assert "never replaced" in again.err
        assert "hunter2" not in made.err + again.err
        postgres.script(database, guide("Grants"), user="verifier_owner")
        assert verify("1.0.0", ("--ledger", postgres.url("authz_loader", database))) == (0, [])

    def test_a_loader_does_not_make_it(self, postgres):
        database = empty_database(postgres)
        ledger = ("--ledger", postgres.url("authz_loader:hunter2", database))
        assert run("ledger", "init", *ledger).status == 3
        for arguments in ((), ("--ledger-init",)):
            answer = run("bundle", release(), *VERIFY, "--record", *ledger, *arguments)
            assert answer.status in {2, 3}
            assert "hunter2" not in answer.out + answer.err
        assert postgres.sql(database, "SELECT to_regnamespace('verifier_ledger')") == [(None,)]


class TestRecording:
    def test_a_release_is_recorded_and_an_older_one_is_refused(self, postgres, database, roles):
        assert verify("1.0.0", roles["loader"]) == (0, [])
        assert verify("1.1.0", roles["loader"]) == (0, [])
        assert verify("1.0.0", roles["loader"]) == (1, ["version.rollback"])
        with open_ledger(postgres.url("authz_auditor", database)) as ledger:
            assert check(ledger).head.sequence == 3

    def test_an_auditor_consults_and_cannot_record(self, roles):
        assert verify("1.0.0", roles["loader"]) == (0, [])
        answer = ask("bundle", release("1.1.0"), *VERIFY, *roles["auditor"])
        assert (answer.status, answer.report["ledger"]["url"].count("hunter2")) == (0, 0)
        assert verify("1.1.0", roles["auditor"]) == (3, ["ledger.unavailable"])


class TestOperating:
    @pytest.fixture(autouse=True)
    def filled(self, place, roles):  # noqa: ARG002
        assert verify("1.1.0", roles["loader"]) == (0, [])

    def test_it_is_shown(self, roles):
        shown = run("ledger", "show", *roles["auditor"])
        assert shown.out.startswith(f"{SCOPE}  1.1.0 (semver)  sha256:")
        assert "1 scopes, 1 events, sound; head 1@sha256:" in shown.err
        assert "hunter2" not in shown.err
        assert "accepted" in run("ledger", "history", *roles["auditor"]).out

    def test_an_operator_raises_a_floor_and_nobody_lowers_it(self, roles):
        assert run("ledger", "floor", SCOPE, "2.0.0", "--yes", *WHY, *roles["loader"]).status == 3
        assert run("ledger", "floor", SCOPE, "2.0.0", "--yes", *WHY, *roles["operator"]).status == 0
        assert run("ledger", "floor", SCOPE, "1.0.0", *WHY, *roles["operator"]).status == 1
        assert verify("1.2.0", roles["loader"]) == (1, ["version.below-floor"])

    def test_an_operator_quarantines_a_version(self, roles):
        versions = ("--from", "1.2.0", "--to", "1.2.0")
        assert run("ledger", "quarantine", SCOPE, *versions, "--yes", *WHY, *roles["loader"]).status == 3
        assert run("ledger", "quarantine", SCOPE, *versions, "--yes", *WHY, *roles["operator"]).status == 0
        assert verify("1.2.0", roles["loader"]) == (1, ["version.quarantined"])

    def test_an_export_is_imported_elsewhere_and_the_same_is_exported(self, postgres, roles):
        other = ("--ledger", postgres.url("authz_operator", ledger_database(postgres)))
        assert run("ledger", "export", "ledger.jsonl", *roles["auditor"]).status == 0
        assert run("ledger", "import", "ledger.jsonl", "--unvouched", *WHY, *other).status == 0
        assert run("ledger", "show", *other).out == run("ledger", "show", *roles["auditor"]).out
        first = run("ledger", "export", *roles["auditor"]).out
        assert first == run("ledger", "export", *roles["auditor"]).out
        assert json.loads(first.splitlines()[0])["schema"] == "verifier/ledger/v1"
        assert (
            run("ledger", "import", "ledger.jsonl", "--unvouched", *WHY, *roles["loader"]).status == 0
        )  # it changes nothing
        assert run("bundle", release("1.0.0"), *VERIFY, "--record", *other).status == 1

    def test_a_head_that_it_never_had_is_corrupt(self, roles):
        answer = run("ledger", "show", "--expect-head", f"1@sha256:{'0' * 64}", *roles["auditor"])
        assert (answer.status, answer.out) == (3, "")
        assert "ledger.corrupt" in answer.err
