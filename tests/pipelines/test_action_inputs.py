"""What the action is asked wrongly: named by its input, before anything is done, with what to do."""

import pytest

HEAD = "1@sha256:" + "0" * 64
WRONG = [
    ("kind", {"kind": ""}, "is missing"),
    ("kind", {"kind": "Bundle"}, "is 'Bundle'"),
    ("ref", {"ref": "  \n "}, "is missing"),
    ("policy", {"policy": ""}, "is missing"),
    ("policy", {"policy": "a.toml\nb.toml"}, "more than one line"),
    ("memory", {"memory": ""}, "is missing"),
    ("memory", {"memory": "ledger"}, "none, file, cache, postgresql"),
    ("first-use", {"first_use": "yes"}, "true, false"),
    ("first-use", {"memory": "none", "first_use": "true"}, "every release pass"),
    ("expect-head", {"expect_head": "1@sha256:0"}, "no head"),
    ("expect-head", {"memory": "none", "previous": "x", "expect_head": HEAD}, "about a memory"),
    ("memory-name", {"memory_name": "a/../b"}, "part of a key"),
    ("memory-file", {"memory": "file"}, "is missing"),
    ("memory-file", {"memory_file": "x.db"}, "of no use"),
    ("previous-attestations", {"previous_attestations": "x.json"}, "beside nothing"),
    ("arguments", {"arguments": "--no-record"}, "said by the input memory"),
    ("arguments", {"arguments": "--now=2020-01-01T00:00:00Z"}, "the runner's"),
    ("arguments", {"arguments": "--bundle=other.sigstore.json"}, "said by the input attestations"),
    ("arguments", {"arguments": "--help"}, "it would do nothing"),
    ("arguments", {"arguments": "--previous-may-be-absent"}, "said by the input first-use"),
    ("arguments", {"arguments": "--ledger=sqlite:x.db"}, "said by the input memory"),
    ("arguments", {"arguments": "--base x"}, "no option"),
    ("arguments", {"arguments": "-q"}, "no option"),
    ("arguments", {"arguments": "--"}, "no option"),
    ("arguments", {"arguments": "other.tar.gz"}, "no option"),
    ("publish", {"kind": "artifact", "publish": "oci://registry.acme.example/a:1"}, "bundle or an image"),
    ("publish-arguments", {"publish_arguments": "--created"}, "about nothing"),
    ("publish-arguments", {"publish": "x", "publish_arguments": "--allow-older"}, "denied"),
    ("publish-arguments", {"publish": "x", "publish_arguments": "--dry-run"}, "leave publish away"),
    ("ref", {"ref": "a\nb", "verdict": "v.json"}, "once for each"),
    ("ref", {"ref": "a\nb"}, "beside name"),
    ("verdict", {"verdict": "trust.toml"}, "is there already"),
    ("keyless", {"keyless": "true"}, "signs nothing"),
    ("name", {"name": "a\x1b[2Jb"}, "nobody can see"),
    ("name", {"name": "a\u202eb"}, "nobody can see"),
]


@pytest.mark.parametrize(("where", "inputs", "said"), WRONG)
def test_what_is_asked_wrongly_is_named_before_anything_is_done(repository, where, inputs, said):
    done = repository.action(**{"memory": "cache", **inputs})
    assert done.outcomes["Check the inputs"] == "failure", done.log
    assert done.titles("error") == [f"verify: {where}"]
    assert said in done.annotations[0][2]
    assert {outcome for name, outcome in done.outcomes.items() if name not in {"Install", "Check the inputs"}} == {
        "skipped"
    }
    assert (done.outputs["verdict"], done.outputs["status"]) == ("error", "2")
    assert "Traceback" not in done.log


@pytest.mark.parametrize("secret", ["", "  \n"])
def test_a_signing_key_that_is_not_set_is_an_error_and_nothing_is_recorded(repository, secret):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", verdict="v.json", signing_key=secret)
    assert done.outcomes["Verify"] == "failure"
    assert "verify: signing-key" in done.titles("error")
    assert repository.cache.kept == []
    assert not (repository.workspace / "v.json").exists()


def test_a_signing_key_that_signs_nothing_is_an_error(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", signing_key=repository.signing_key)
    assert "verify: signing-key" in done.titles("error")


@pytest.mark.parametrize("key", ["no key", "-----BEGIN PRIVATE KEY-----\n", "x" * 100_000])
def test_a_signing_key_that_is_none_is_an_error_and_is_not_shown(repository, key):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", verdict="v.json", signing_key=key)
    assert not done.succeeded
    assert key.strip() not in done.log
    assert "Traceback" not in done.log


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        ("", "the secret is not set"),
        ("sqlite:x.db", "no URL of PostgreSQL"),
        ("postgresql://h/db?password=hidden-word", "in its query"),
    ],
)
def test_a_shared_ledger_that_is_not_named_is_an_error(repository, ledger, said):
    repository.build("1.4.0")
    done = repository.action(memory="postgresql", ledger=ledger)
    assert done.titles("error") == ["verify: ledger"]
    assert said in done.annotations[-1][2]
    assert "hidden-word" not in done.log


def test_a_password_that_is_there_twice_is_an_error(repository):
    done = repository.action(memory="postgresql", ledger="postgresql://u:one-word@h/db", ledger_password="other-word")
    assert done.titles("error") == ["verify: ledger-password"]
    assert "-word" not in done.log


def test_a_ledger_that_would_not_be_used_is_an_error(repository):
    done = repository.action(memory="cache", first_use="true", ledger="postgresql://h/db")
    assert done.titles("error") == ["verify: ledger"]


def test_a_shared_ledger_that_does_not_answer_is_undecided(repository):
    repository.build("1.4.0")
    url = "postgresql://ci:hidden-word@127.0.0.1:1/db?connect_timeout=1"
    done = repository.action(memory="postgresql", ledger=url)
    assert (done.outputs["verdict"], done.outputs["status"]) == ("undecided", "3")
    assert "ledger.unavailable" in done.titles("error")
    assert set(done.steps[3].log.masks) == {"hidden-word"}
    assert "hidden-word" not in done.log.replace("::add-mask::hidden-word", "")


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({"reports": "trust.toml"}, "files"),
        ({"reports": "trust.toml/reports"}, "files"),
        ({"reports": "old"}, "reports"),
        ({"verdict": "x" * 300}, "files"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_named(repository, inputs, where):
    (repository.workspace / "old").mkdir()
    (repository.workspace / "old" / "report.json").write_text('{"verdict": "PASSED"}')
    done = repository.action(memory="none", **inputs)
    assert done.titles("error") == [f"verify: {where}"], done.log
    assert done.outcomes["Verify"] == "skipped"
    assert "Traceback" not in done.log


def test_a_verdict_that_cannot_be_written_fails_the_job(repository):
    repository.build("1.4.0")
    place = {"verdict": "trust.toml/v.json", "signing_key": repository.signing_key}
    done = repository.action(memory="cache", first_use="true", **place)
    assert done.outcomes["Hand out the verdict"] == "failure", done.log
    assert done.outputs["verdict-file"] == ""
    assert "Traceback" not in done.log


def test_credentials_in_a_reference_are_in_no_log_and_no_summary(repository):
    ref = "https://ci:hidden-word@127.0.0.1:1/authz.tar.gz?token=hidden-word"
    done = repository.action(memory="none", ref=ref, policy="nowhere.toml")
    assert not done.succeeded
    assert "hidden-word" not in done.log + done.summary


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_a_locale_changes_nothing(repository, locale):
    repository.build("1.4.0", name="prüfung.tar.gz")
    done = repository.action(memory="cache", first_use="true", ref="prüfung.tar.gz", environment={"LC_ALL": locale})
    assert done.succeeded, done.log


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": "bundle"}', "null"])
def test_a_step_believes_no_other_inputs_than_the_first_has_written(repository, content):
    """An earlier step of the job exchanges the file."""
    repository.build("1.4.0")

    def exchange(_):
        [file] = (repository.folder / "runner").glob("policy-verifier-*/asked.json")
        file.write_text(content)

    done = repository.action(memory="cache", first_use="true", does={"actions/cache/restore": exchange})
    assert done.titles("error") == ["verify: ASKED"]
    assert "Traceback" not in done.log
