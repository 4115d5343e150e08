"""What the action does where its memory is lost, older, exchanged, or there for the first time."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import run


def remembered(repository, version="1.4.0"):
    """A release, accepted in the first run; the head of the memory."""
    repository.build(version)
    first = repository.action(memory="cache", first_use="true")
    assert first.succeeded, first.log
    return first.outputs["head"]


def refused(done, step, where):
    """Whether the run ended in that step, with an error about that input, and nothing was decided after it."""
    assert done.outcomes[step] == "failure", done.log
    assert done.titles("error") == [f"verify: {where}"], done.annotations
    assert done.outcomes["Publish"] == "skipped"
    return done.annotations[-1][2]


def test_a_first_run_that_nobody_announced_is_refused(repository):
    repository.build("1.4.0")
    hint = refused(repository.action(memory="cache"), "Connect the memory", "memory")
    assert "first-use: true, once" in hint
    assert repository.cache.kept == []


def test_a_memory_that_vanished_is_refused_and_not_made_anew(repository):
    head = remembered(repository)
    repository.cache.forget()
    for first_use in ("false", "true"):
        done = repository.action(memory="cache", expect_head=head, first_use=first_use)
        assert "has vanished" in refused(done, "Connect the memory", "memory")
    assert repository.cache.kept == []


def test_a_memory_whose_head_nobody_knows_is_refused(repository):
    remembered(repository)
    for first_use in ("false", "true"):
        done = repository.action(memory="cache", first_use=first_use)
        assert "any older copy" in refused(done, "Connect the memory", "expect-head")


def test_an_older_copy_of_the_memory_is_refused(repository):
    older = remembered(repository)
    repository.build("1.5.0")
    newer = repository.action(memory="cache", expect_head=older).outputs["head"]
    assert newer != older
    repository.cache.kept.pop()  # what is newest now is the copy of the first run
    done = repository.action(memory="cache", expect_head=newer)
    assert "not the one that was kept" in refused(done, "Connect the memory", "memory")


def test_another_memory_is_refused(repository):
    head = remembered(repository)
    file = repository.folder / "cache" / repository.cache.kept[-1] / "ledger.db"
    file.unlink()
    assert run("ledger", "init", "--ledger", f"sqlite:{file}").status == 0
    refused(repository.action(memory="cache", expect_head=head), "Connect the memory", "memory")


@pytest.mark.parametrize("content", [b"", b"no ledger", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_memory_that_is_none_is_refused(repository, content):
    head = remembered(repository)
    (repository.folder / "cache" / repository.cache.kept[-1] / "ledger.db").write_bytes(content)
    refused(repository.action(memory="cache", expect_head=head), "Connect the memory", "memory")


def test_a_memory_that_is_a_folder_or_a_link_into_nowhere_is_refused(repository):
    head = remembered(repository)
    file = repository.folder / "cache" / repository.cache.kept[-1] / "ledger.db"
    file.unlink()
    file.mkdir()
    refused(repository.action(memory="cache", expect_head=head), "Connect the memory", "memory")
    file.rmdir()
    (repository.workspace / "memory.db").symlink_to("nowhere.db")
    done = repository.action(memory="file", memory_file="memory.db", first_use="true")
    refused(done, "Connect the memory", "expect-head")
    assert not (repository.workspace / "nowhere.db").exists()


def test_a_cache_that_did_not_keep_the_memory_fails_the_job(repository):
    """The action that saves it only warns."""
    head = remembered(repository)
    repository.build("1.5.0")
    repository.cache.is_down = True
    done = repository.action(memory="cache", expect_head=head)
    assert done.outcomes["See that it was kept"] == "failure"
    assert done.outputs["verdict"] == "passed"


def test_a_denial_is_remembered_too(repository):
    head = remembered(repository)
    repository.build("1.3.0")
    done = repository.action(memory="cache", expect_head=head)
    assert done.outcomes["Keep the memory for the next run"] == "success"
    assert done.outputs["head"].startswith("2@")


def test_an_older_head_will_do(repository):
    first = head = remembered(repository)
    for version in ("1.5.0", "1.6.0"):
        repository.build(version)
        done = repository.action(memory="cache", expect_head=first)
        assert done.succeeded, done.log
        assert done.outputs["head"] != head
        head = done.outputs["head"]


def test_a_first_run_that_fails_can_be_done_again(repository):
    repository.build("1.4.0")
    assert not repository.action(memory="cache", first_use="true", policy="nowhere.toml").succeeded
    assert repository.cache.kept == []
    assert repository.action(memory="cache", first_use="true").succeeded


def test_first_use_that_stays_is_warned_of(repository):
    head = remembered(repository)
    repository.build("1.5.0")
    done = repository.action(memory="cache", expect_head=head, first_use="true")
    assert done.succeeded, done.log
    assert ("warning", "First use", "It was not the first: take first-use: true away.") in done.annotations


def test_a_name_that_the_memory_does_not_know_is_no_first_use_unless_it_is_said(repository):
    """And leaves no trace that a second try would take for an acceptance."""
    head = remembered(repository)
    text = (repository.workspace / "trust.toml").read_text()
    text = text.replace('"bundle:authz"', '"bundle:autz"').replace('name = { from = "signature.scope" }\n', "")
    (repository.workspace / "trust.toml").write_text(text)
    for _ in range(2):
        done = repository.action(memory="cache", expect_head=head, name="autz")
        assert (done.outputs["verdict"], done.outputs["status"], done.outputs["first-use"]) == (
            "undecided",
            "3",
            "true",
        )
        assert "verify: first use" in done.titles("error")
        head = done.outputs["head"]
        assert head.startswith("1@")
    assert repository.action(memory="cache", expect_head=head, name="autz", first_use="true").succeeded


def test_two_memories_of_one_repository_are_two(repository):
    remembered(repository)
    repository.build("1.3.0")
    done = repository.action(memory="cache", memory_name="staging", first_use="true")
    assert done.succeeded, done.log


def test_a_cancelled_job_keeps_no_memory(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", cancelled_after="Verify")
    assert done.outcomes["Hand out the verdict"] == "skipped"
    assert repository.cache.kept == []


def test_a_file_that_the_caller_keeps_is_a_memory(repository):
    repository.build("1.4.0")
    kept = {"memory": "file", "memory_file": "kept/ledger.db"}
    first = repository.action(**kept, first_use="true")
    assert first.succeeded, first.log
    assert [each.name for each in (repository.workspace / "kept").iterdir()] == ["ledger.db"]
    repository.build("1.3.0")
    assert repository.action(**kept, expect_head=first.outputs["head"]).outputs["verdict"] == "denied"
    shutil.rmtree(repository.workspace / "kept")
    done = repository.action(**kept, expect_head=first.outputs["head"])
    assert "has vanished" in refused(done, "Connect the memory", "memory")


def test_with_no_memory_at_all_a_first_use_is_undecided(repository):
    repository.build("1.4.0")
    done = repository.action(memory="none")
    assert (done.outputs["verdict"], done.succeeded) == ("undecided", False)
    assert "Name what is published as `previous`" in done.log


def test_nothing_published_yet_is_a_first_use_that_has_to_be_said(repository):
    repository.build("1.4.0")
    done = repository.action(memory="none", previous="published.tar.gz")
    assert (done.outputs["verdict"], done.succeeded) == ("undecided", False)
    assert "version.previous-unknown" in done.titles("error")
    done = repository.action(memory="none", previous="published.tar.gz", first_use="true")
    assert done.succeeded, done.log
    assert done.outputs["first-use"] == "true"


def test_a_pipe_in_the_place_of_the_memory_ends_the_step(repository):
    """A cache holds whatever tar can."""
    head = remembered(repository)
    kept = repository.folder / "cache" / repository.cache.kept[-1]

    def restore(inputs):
        shutil.rmtree(kept)
        Path(inputs["path"]).mkdir()
        os.mkfifo(Path(inputs["path"]) / "ledger.db")

    done = repository.action(memory="cache", expect_head=head, does={"actions/cache/restore": restore})
    refused(done, "Connect the memory", "memory")
