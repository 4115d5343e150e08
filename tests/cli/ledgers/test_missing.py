"""A ledger that is not there: never made, called otherwise, or lost; each is told what to do in its own words."""

import pytest

from tests.support import workplace
from tests.support.command import run
from verifier.core.errors import Refused
from verifier.ledger.postgres.advice import never_made, unconnected
from verifier.ledger.sqlite.store import create_ledger, open_ledger

place = workplace.place
pytestmark = pytest.mark.usefixtures("place")


def test_the_users_own_was_never_made():
    answer = run("ledger", "show")
    assert (answer.status, answer.out) == (3, "")
    assert "Make it, once: `verify ledger init`;" in answer.err


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("sqlite:nope.db", "verify ledger init --ledger sqlite:nope.db"),
        ("sqlite:no%20pe.db", "verify ledger init --ledger sqlite:no%20pe.db"),
        ("sqlite:deep/nope.db", "verify ledger init --ledger sqlite:deep/nope.db"),
    ],
)
@pytest.mark.parametrize(
    "before", [("ledger", "show"), ("ledger", "check"), ("bundle", "src", "--key", "ci.pub", "--name", "a")]
)
def test_the_command_that_makes_the_one_that_is_named_is_told_in_full(url, command, before):
    answer = run(*before, "--ledger", url)
    assert command in answer.err + answer.out.replace("\n", " ")
    run(*command.replace("verify ", "").split())
    assert run("ledger", "show", "--ledger", url).status == 0


def test_one_that_vanished_is_never_made_anew(place):
    create_ledger(place / "here.db")
    with open_ledger(place / "here.db") as store:
        for each in place.glob("here.db*"):
            each.unlink()
        with pytest.raises(Refused) as refused:
            store.fetch("bundle:authz")
    (reason,) = refused.value.reasons
    assert reason.code == "ledger.unavailable"
    assert "Put it back" in reason.hint
    assert "ledger init" not in reason.hint


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("connection failed: Connection refused", "See that the server runs"),
        ("connection timeout expired", "See that the server runs"),
        ("failed to resolve host 'db.acme.example'", "See that the server runs"),
        ('FATAL: password authentication failed for user "u"', "PGPASSWORD"),
        ("fe_sendauth: no password supplied", "PGPASSWORD"),
        ('FATAL: database "authz" does not exist', "Name the right database"),
        ('FATAL: role "verifier" does not exist', "Name a role"),
        ("SSL error: certificate verify failed", "sslrootcert="),
        ("the server did not answer within 20 s", "See that the server runs"),
    ],
)
def test_a_server_that_cannot_be_used_is_no_ledger_to_be_made(said, advice):
    assert advice in unconnected(said)
    assert "ledger init" not in unconnected(said)


def test_a_database_without_a_ledger_is_told_the_command_with_its_url():
    assert "`verify ledger init --ledger postgresql://db.acme.example/authz`" in never_made(
        "postgresql://db.acme.example/authz"
    )
