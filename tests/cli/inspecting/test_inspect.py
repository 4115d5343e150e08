"""`verify inspect`: what something is and who claims what about it, of which nothing is verified."""

import base64
import hashlib
import json
import shlex
import tarfile
from io import BytesIO
from pathlib import Path

import jsonschema
import pytest

from tests.support.command import run
from tests.support.places import ROOT

pytestmark = pytest.mark.usefixtures("place")
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/schemas/inspect-v1.json").read_text()))
FIRST = "Nothing below is verified."


def seen(*arguments):
    """The document, held to its schema."""
    answer = run("inspect", *arguments, "--format", "json")
    document = json.loads(answer.out)
    SCHEMA.validate(document)
    assert answer.status == (0 if document["complete"] else 3)
    return document


def signed(name="authz", *more):
    run("sign", "bundle", "src", "--key", "release", "--name", name, "--out", "b.tar.gz", *more)
    return "b.tar.gz"


def bound(text):
    """The command with the placeholder of the key filled in, as words."""
    return ["release.pub" if each == "KEY.pub" else each for each in shlex.split(text)][1:]


def test_the_first_line_says_that_nothing_is_verified_and_the_last_one_verifies():
    answer = run("inspect", signed())
    lines = answer.out.splitlines()
    assert answer.status == 0
    assert lines[0] == FIRST
    assert lines[-1].strip().startswith("verify bundle b.tar.gz --key KEY.pub")
    assert run(*bound(lines[-1])).status == 0


def test_a_bundle_says_its_revision_roots_files_and_who_claims_to_have_signed():
    document = seen(signed())
    assert document["kind"] == "bundle"
    assert (document["states"]["revision"], document["states"]["roots"]) == ("1.0.0", ["authz"])
    assert {each["path"] for each in document["lists"]["files"]["items"]} == {".manifest", "authz/policy.rego"}
    (signature,) = document["claims"][0]["signatures"]
    assert (signature["algorithm"], signature["scope"], signature["filesListed"]) == ("ES256", "authz", 2)


def test_a_folder_is_seen_as_the_bundle_that_it_would_be():
    assert seen("src")["kind"] == "bundle"


def test_no_word_of_the_answer_says_that_something_is_verified():
    text = run("inspect", signed()).out.replace(FIRST, "")
    assert "verified" not in text
    assert "valid" not in text


def test_a_bundle_cut_short_is_said_to_be_one_and_why_it_cannot_be_read():
    content = Path(signed()).read_bytes()
    Path("cut.tar.gz").write_bytes(content[: len(content) // 2])
    document = seen("cut.tar.gz")
    assert document["kind"] == "bundle"
    assert [each["code"] for each in document["faults"]] == ["archive.truncated"]


def test_what_a_strict_reading_refuses_and_opa_takes_is_shown_with_a_note_of_it():
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in (("./.manifest", b'{"roots":["authz"]}'), ("./authz/p.rego", b"package authz\n")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    Path("dot.tar.gz").write_bytes(buffer.getvalue())
    document = seen("dot.tar.gz")
    assert document["complete"]
    assert document["states"]["roots"] == ["authz"]


def test_an_attestation_says_its_kid_type_and_subject():
    run(
        "sign",
        "artifact",
        "trust.toml",
        "--key",
        "release",
        "--keyid",
        "first",
        "--out",
        "a.json",
        "--version",
        "1.4.0",
    )
    document = seen("a.json")
    (claim,) = document["claims"]
    assert document["kind"] == "attestation"
    assert claim["signatures"][0]["kid"] == "first"
    assert claim["statement"]["states"]["version"] == "1.4.0"
    assert run(*bound(document["check"]["command"])).status == 0


def test_a_verdict_is_called_one_and_its_command_checks_it():
    bundle = signed()
    run("bundle", bundle, "--policy", "trust.toml", "--name", "authz", "--verdict-out", "v.json", "--signing-key", "ci",
        "--resource-uri", "https://bundles.acme.example/authz")  # fmt: skip
    document = seen("v.json")
    assert document["kind"] == "verdict"
    words = bound(document["check"]["command"])
    assert words[:2] == ["verdict", "v.json"]
    words = [
        {"VERIFIER": "https://policy-verifier.dev/verifier", "release.pub": "ci.pub"}.get(each, each) for each in words
    ]
    assert run(*words).status == 0


def test_a_public_key_has_the_fingerprint_that_others_have_for_it():
    document = seen("release.pub")
    assert document["kind"] == "key"
    der = base64.b64decode("".join(Path("release.pub").read_text().splitlines()[1:-1]))
    assert document["states"]["fingerprint"] == f"sha256:{hashlib.sha256(der).hexdigest()}"


def test_nothing_of_a_private_key_is_shown():
    answer = run("inspect", "release")
    secret = Path("release").read_text().splitlines()[1]
    assert "a private key" in answer.out
    assert secret not in answer.out + answer.err


def test_a_policy_is_shown_in_words():
    document = seen("trust.toml")
    assert document["kind"] == "policy"
    assert any("bundle:authz must be signed" in each["sentence"] for each in document["lists"]["in words"]["items"])


def test_a_policy_that_would_not_load_is_a_fault_with_its_line():
    Path("trust.toml").write_text(Path("trust.toml").read_text().replace("threshold = 1", "threshold = 9"))
    document = seen("trust.toml")
    assert document["faults"][0]["code"] == "policy.malformed"
    assert "trust.toml:8" in document["faults"][0]["message"]


def test_a_ledger_and_its_export_say_where_each_scope_stands():
    run("ledger", "init")
    run("bundle", signed(), "--policy", "trust.toml", "--name", "authz", "--record")
    run("ledger", "export", "l.jsonl")
    for name, kind in (("ledger.db", "ledger"), ("l.jsonl", "ledger-export")):
        document = seen(name)
        assert document["kind"] == kind
        (scope,) = document["lists"]["scopes"]["items"]
        assert (scope["scope"], scope["version"]) == ("bundle:authz", "0:1.0.0")


def test_a_report_is_named_and_the_command_asks_again():
    Path("r.json").write_text(
        run("bundle", signed(), "--policy", "trust.toml", "--name", "authz", "--format", "json").out
    )
    document = seen("r.json")
    assert document["kind"] == "report"
    assert document["states"]["verdict"] == "PASSED"
    assert document["check"]["words"][1] == "bundle"


def test_an_sbom_says_what_made_it_and_how_much_it_lists():
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "a", "version": "1", "purl": "pkg:pypi/a@1"}],
        "metadata": {"authors": [{"name": "Acme"}], "tools": {"components": [
            {"type": "application", "name": "maker", "version": "2"}]}}}  # fmt: skip
    Path("bom.json").write_text(json.dumps(bom))
    states = seen("bom.json")["states"]
    assert (states["components"], states["package types"], states["author"]) == (1, ["pypi 1"], ["Acme"])
    assert states["tools"] == ["maker 2"]


def test_a_lock_is_told_by_its_name_and_says_what_it_pins():
    Path("requirements.txt").write_text("flask==3.0.0\n")
    document = seen("requirements.txt")
    assert (document["kind"], document["states"]["packages"]) == ("lock", 1)


def test_what_another_tool_wrote_is_named_with_what_to_do():
    Path("page.html").write_text("<!doctype html><html><title>Sign in</title></html>")
    document = seen("page.html")
    assert document["kind"] == "file"
    assert "HTML" in document["what"]


def test_any_other_file_has_a_size_and_a_digest():
    Path("anything").write_bytes(b"hello, world")
    document = seen("anything")
    assert (document["kind"], document["size"]) == ("file", 12)
    assert document["digest"].startswith("sha256:09ca7e4eaa6e8ae9")


@pytest.mark.parametrize(
    "content", [b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"ssh-rsa AAAA x"]
)
def test_a_key_that_is_none_is_a_fault_that_says_what_is_there(content):
    Path("k").write_bytes(content)
    assert [each["code"] for each in seen("k")["faults"]] == ["key.malformed"]


@pytest.mark.parametrize("reference", ["nothing.tar.gz", "no/such/thing", "", "no\nthing", "x" * 5000, "a\0b"])
def test_what_is_not_there_is_said_in_one_line(reference):
    answer = run("inspect", reference)
    assert answer.status in {2, 3}
    assert answer.out == ""
    assert "internal.error" not in answer.err


def test_the_answer_goes_to_a_file_beside_the_text():
    answer = run("inspect", signed(), "--output", "json=seen.json")
    assert answer.out.startswith(FIRST)
    SCHEMA.validate(json.loads(Path("seen.json").read_text()))


def test_the_answer_never_replaces_what_is_looked_at():
    before = Path(signed()).read_bytes()
    assert run("inspect", "b.tar.gz", "--output", "json=b.tar.gz").status == 2
    assert Path("b.tar.gz").read_bytes() == before


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_no_digest_is_broken_at_any_width_and_the_command_is_one_line(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    answer = run("inspect", signed())
    digest = json.loads(run("inspect", "b.tar.gz", "--format", "json").out)["digest"]
    assert digest in answer.out
    assert answer.out.splitlines()[-1].startswith("  verify bundle b.tar.gz")
    assert answer.out.splitlines()[0] == FIRST
