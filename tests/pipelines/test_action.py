"""The action as a runner runs it: its own steps, inputs, environment files and log."""

import json
import stat

from tests.support.command import ask, run

URI = "https://bundles.acme.example/authz.tar.gz"
VERIFIER = "https://example.org/verifiers/ci"
ASKED = ("--subject", "authz.tar.gz", "--policy", "trust.toml", "--name", "authz", "--resource-uri", URI)

FILE_RULE = """\
[artifacts."artifact:app"]
signatures = { from = ["release"] }
version = { from = "attestation.version", scheme = "semver" }
"""


def test_a_replayed_older_release_is_denied_by_the_memory(repository):
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    assert first.succeeded, first.log
    assert (first.outputs["verdict"], first.outputs["version"], first.outputs["first-use"]) == (
        "passed",
        "1.4.0",
        "true",
    )
    repository.build("1.3.0")
    replayed = repository.action(memory="cache", expect_head=first.outputs["head"])
    assert not replayed.succeeded
    assert (replayed.outputs["verdict"], replayed.outputs["status"]) == ("denied", "1")
    assert replayed.titles("error") == ["version.rollback"]
    repository.build("1.5.0")
    third = repository.action(memory="cache", expect_head=replayed.outputs["head"])
    assert third.succeeded, third.log
    assert (third.outputs["verdict"], third.outputs["first-use"]) == ("passed", "false")


def test_without_a_memory_it_is_compared_with_what_is_published(repository):
    repository.build("1.4.0", name="published.tar.gz")
    for version, verdict in (("1.5.0", "passed"), ("1.3.0", "denied")):
        repository.build(version)
        done = repository.action(memory="none", previous="published.tar.gz")
        assert (done.outputs["verdict"], done.succeeded) == (verdict, verdict == "passed"), done.log
        assert done.outcomes["Take the memory of the last run"] == "skipped"


def test_the_job_that_is_run_again_passes(repository):
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    again = repository.action(memory="cache", expect_head=first.outputs["head"])
    assert again.succeeded, again.log


def test_it_says_what_was_verified(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true")
    report = json.loads((repository.workspace / done.outputs["report"]).read_text())
    assert done.outputs["digest"] == f"sha256:{report['artifact']['digest']['sha256']}"
    assert report["ledger"]["recorded"] is True
    assert report["correlationId"] == "github-1001-1"
    assert done.outputs["status"] == "0"
    assert "PASSED" in done.log


def test_the_verdict_is_signed_and_handed_out(repository):
    repository.build("1.4.0")
    done = repository.action(
        memory="cache",
        first_use="true",
        verdict="out/authz.vsa.json",
        signing_key=repository.signing_key,
        verifier_id=VERIFIER,
    )
    assert done.succeeded, done.log
    assert done.outputs["verdict-file"] == "out/authz.vsa.json"
    assert run("verdict", "out/authz.vsa.json", *ASKED).status == 0
    assert "PRIVATE KEY" not in done.log


def test_no_key_is_left_behind(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", verdict="v.json", signing_key=repository.signing_key)
    assert done.succeeded, done.log
    left = [
        file
        for file in (repository.folder / "runner").rglob("*")
        if file.is_file() and b"PRIVATE KEY" in file.read_bytes()
    ]
    assert left == []


def test_a_denied_release_has_a_verdict_that_says_so(repository):
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    repository.build("1.3.0")
    signed = {"verdict": "v.json", "signing_key": repository.signing_key, "verifier_id": VERIFIER}
    done = repository.action(memory="cache", expect_head=first.outputs["head"], **signed)
    assert done.outputs["verdict-file"] == "v.json"
    answer = ask("verdict", "v.json", *ASKED)
    assert answer.status == 1
    assert answer.codes == ["verdict.failed"]


def test_the_report_of_a_denial_is_in_the_summary_and_in_the_log(repository):
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    assert f"expect-head: {first.outputs['head']}" in first.summary
    repository.build("1.3.0")
    done = repository.action(memory="cache", expect_head=first.outputs["head"])
    assert "version.rollback" in done.log
    assert any("1.3.0" in text for level, _, text in done.annotations if level == "error")
    assert repository.action(memory="cache", expect_head=first.outputs["head"], summary="false").summary == ""


def test_reports_go_where_they_are_asked_for(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true", reports="some reports")
    assert done.outputs["report"] == str(repository.workspace / "some reports" / "report.json")
    files = {each.name for each in (repository.workspace / "some reports").iterdir()}
    assert files == {"report.json", "report.sarif", "report.md", "report.github.txt", "report.html"}


def test_only_the_command_is_put_on_the_path_and_no_variable_is_set(repository):
    repository.build("1.4.0")
    done = repository.action(memory="cache", first_use="true")
    assert done.variables == {}
    assert done.path == []  # of the steps behind `Install`, of which test_install.py is


def test_the_rooms_of_the_action_are_its_users_alone(repository):
    repository.build("1.4.0")
    repository.action(memory="cache", first_use="true")
    rooms = [each for each in (repository.folder / "runner").glob("policy-verifier-*") if each.is_dir()]
    assert len(rooms) == 2
    assert {stat.S_IMODE(each.stat().st_mode) for each in rooms} == {0o700}


def test_several_artifacts_are_judged_in_one_run_and_the_worst_counts(repository):
    repository.build("1.4.0")
    repository.build("1.5.0", name="other.tar.gz")
    (repository.workspace / "cut.tar.gz").write_bytes(b"")
    policy = repository.workspace / "trust.toml"
    policy.write_text(policy.read_text().replace('"bundle:authz"', '"bundle:*"') + 'scope = "each-name"\n')
    policy.write_text(policy.read_text().replace('name = { from = "signature.scope" }\n', ""))
    both = repository.action(memory="cache", first_use="true", name="", ref="authz.tar.gz\nother.tar.gz")
    assert both.succeeded, both.log
    assert (both.outputs["verdict"], both.outputs["digest"], both.outputs["version"]) == ("passed", "", "")
    third = repository.action(memory="none", name="", ref="authz.tar.gz\nother.tar.gz\ncut.tar.gz")
    assert third.outputs["verdict"] == "denied", third.log


def test_a_file_is_verified_by_what_lies_beside_it(repository):
    policy, inputs = repository.workspace / "trust.toml", {"kind": "artifact", "ref": "app", "name": "app"}
    policy.write_text(policy.read_text() + FILE_RULE)
    heads = {}
    for version, verdict in (("1.4.0", "passed"), ("1.3.0", "denied")):
        (repository.workspace / "app").write_text(f"#!/bin/sh\necho {version}\n")
        key = ("--key", "keys/release", "--keyid", "release")
        assert run("sign", "artifact", "app", *key, "--version", version, "--out", f"{version}.json").status == 0
        memory = {"expect_head": heads["head"]} if heads else {"first_use": "true"}
        done = repository.action(memory="cache", attestations=f"{version}.json", **memory, **inputs)
        assert done.outputs["verdict"] == verdict, done.log
        heads = {"head": done.outputs["head"]}
