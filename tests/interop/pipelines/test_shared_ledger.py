"""The action with one PostgreSQL for all runners: no file, no head, and no older release."""

import pytest

from tests.support.pipelines.scene import Repository, make_keys

pytestmark = pytest.mark.interop
PASSWORD = "a %/word"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / "made").mkdir()
    made = Repository(tmp_path, make_keys(tmp_path / "made"))
    monkeypatch.chdir(made.workspace)
    return made


@pytest.fixture
def shared(postgres, database):
    return {"memory": "postgresql", "ledger": postgres.url("authz_loader", database)}


def test_a_replayed_older_release_is_denied_whichever_runner_it_comes_to(repository, shared):
    repository.build("1.4.0")
    first = repository.action(**shared, first_use="true")
    assert first.succeeded, first.log
    assert (first.outputs["first-use"], first.outputs["head"]) == ("true", "")
    assert first.outcomes["Keep the memory for the next run"] == "skipped"
    repository.build("1.3.0")
    replayed = repository.action(**shared)
    assert (replayed.outputs["verdict"], replayed.titles("error")[0]) == ("denied", "version.rollback"), replayed.log
    repository.build("1.5.0")
    assert repository.action(**shared).succeeded


def test_a_first_use_that_nobody_announced_is_undecided_and_not_recorded(repository, shared, postgres, database):
    repository.build("1.4.0")
    for _ in range(2):
        done = repository.action(**shared)
        assert (done.outputs["verdict"], done.outputs["first-use"]) == ("undecided", "true"), done.log
    assert postgres.sql(database, "SELECT count(*) FROM verifier_ledger.history") == [(0,)]


def test_a_head_is_demanded_of_a_shared_ledger_too(repository, shared):
    repository.build("1.4.0")
    assert repository.action(**shared, first_use="true").succeeded
    done = repository.action(**shared, expect_head="7@sha256:" + "0" * 64)
    assert done.outcomes["Connect the memory"] == "failure"
    assert done.titles("error") == ["verify: memory"]


def test_a_password_is_on_no_command_line_and_in_no_log(repository, postgres, database, tmp_path):
    """Whether it is in the URL or beside it; what the command was told is seen by a program in its place."""
    repository.build("1.4.0")
    seen = tmp_path / "seen"
    url = postgres.url("authz_loader", database)
    for inputs in (
        {"ledger": url.replace("authz_loader@", "authz_loader:a%20%25%2Fword@")},
        {"ledger": url, "ledger_password": PASSWORD},
    ):
        done = repository.action(memory="postgresql", first_use="true", **inputs, seen=seen)
        assert done.succeeded, done.log
        text = seen.read_text()
        assert "--ledger=postgresql://authz_loader@" in text
        assert "%/word" not in text
        assert "%25%2Fword" not in text
        hidden = {step.name: step.log.masks for step in done.steps if step.log.masks}
        assert PASSWORD in hidden["Connect the memory"]
        shown = "\n".join(line for step in done.steps for line in step.log.shown)
        assert PASSWORD not in shown


def test_a_ledger_that_was_never_made_is_undecided(repository, postgres):
    from tests.support.peers.postgres_server import empty_database  # noqa: PLC0415

    repository.build("1.4.0")
    url = postgres.url("authz_loader", empty_database(postgres))
    for first_use in ("false", "true"):
        done = repository.action(memory="postgresql", ledger=url, first_use=first_use)
        assert (done.outputs["verdict"], done.outputs["status"]) == ("undecided", "3"), done.log


def test_a_role_that_may_not_write_is_undecided(repository, postgres, database):
    repository.build("1.4.0")
    done = repository.action(memory="postgresql", ledger=postgres.url("authz_auditor", database), first_use="true")
    assert (done.outputs["verdict"], done.succeeded) == ("undecided", False), done.log
