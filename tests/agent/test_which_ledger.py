"""Which ledger is meant is the same to whoever asks and to the agent, or no question is put."""

import os

import pytest

from verifier.agent.identity import server_identity
from verifier.agent.judge import ledger_identity
from verifier.cli.asking.hook import hook
from verifier.cli.asking.ledgers import variables_of_server
from verifier.cli.asking.words import plain


@pytest.mark.parametrize(
    ("url", "variables"),
    [
        ("sqlite:a%20b.db", {}),
        ("sqlite:a b.db", {}),
        ("nonsense", {}),
        ("", {"HOME": ""}),
        ("", {"HOME": "home"}),
        ("postgresql:///ledger", {"PGHOST": "elsewhere.example.org"}),
        ("postgresql://verify@db/ledger", {"PGHOSTADDR": "192.0.2.1"}),
        ("postgresql://verify@db/ledger", {"PGSERVICE": "other"}),
    ],
)
def test_a_ledger_of_which_more_has_to_be_known_is_left_to_whoever_knows(url, variables):
    line = ["b.tar.gz", "--policy=p", "--agent=s", *([f"--ledger={url}"] if url else [])]
    assert plain("bundle", line, {}) is not None
    assert hook("bundle", line, variables) == line


def test_a_ledger_of_a_server_is_another_where_variables_say_so():
    url, elsewhere = "postgresql:///ledger", variables_of_server({"PGHOST": "elsewhere.example.org", "PGPASSWORD": "x"})
    assert elsewhere == ("PGHOST=elsewhere.example.org",)
    assert ledger_identity(url, elsewhere) != ledger_identity(url)
    assert ledger_identity(url) != ledger_identity("postgresql://verify@/ledger")


def test_a_ledger_of_a_server_that_names_no_user_is_another_for_another_user(monkeypatch):
    urls = ("postgresql:///", "postgresql://verify@db/ledger")
    ours = [server_identity(url, ()) for url in urls]
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert [server_identity(url, ()) == before for url, before in zip(urls, ours, strict=True)] == [False, True]
