"""`verify sign bundle`: inside, beside, or both; what was signed verifies."""

import json
from pathlib import Path

import pytest

from tests.cli.command import ask, run
from tests.cli.releases import VERIFY

pytestmark = pytest.mark.usefixtures("place")
SIGN = ("sign", "bundle", "src", "--key", "release", "--keyid", "release")


def test_a_directory_is_signed_inside_and_verifies():
    answer = run(*SIGN, "--out", "a.tar.gz")
    assert (answer.status, answer.out) == (0, "")
    assert "wrote a.tar.gz" in answer.err
    assert ask("bundle", "a.tar.gz", *VERIFY).status == 0


def test_an_archive_is_signed_beside_without_being_touched():
    run(*SIGN, "--out", "a.tar.gz")
    before = Path("a.tar.gz").read_bytes()
    detached = ("sign", "bundle", "a.tar.gz", "--key", "stranger", "--detached", "a.json", "--version", "1.0.0")
    assert run(*detached).status == 0
    assert Path("a.tar.gz").read_bytes() == before
    keys = ("--key", "release.pub", "--key", "stranger.pub", "--threshold", "2")
    assert ask("bundle", "a.tar.gz", *keys, "--attestation", "a.json").status == 0


def test_both_at_once_sign_the_same_bytes():
    assert run(*SIGN, "--out", "authz.tar.gz", "--detached", "a.json").status == 0
    answer = ask("bundle", "authz.tar.gz", "--key", "release.pub", "--attestation", "a.json")
    assert [(item["kind"], item["verified"]) for item in answer.report["evidence"]] == [
        ("opa-signature", True),
        ("attestation", True),
    ]


def test_the_detached_signature_names_the_artifact_and_its_version():
    run(*SIGN, "--detached", "a.json", "--name", "authz", "--version", "1.2.3", "--expires", "30d")
    trust = Path("trust.toml").read_text().replace("manifest.revision", "attestation.version")
    Path("trust.toml").write_text(trust)
    answer = ask("bundle", "src", *VERIFY, "--attestation", "a.json")
    assert (answer.status, answer.report["artifact"]["version"]) == (0, "1.2.3")
    late = ask("bundle", "src", *VERIFY, "--attestation", "a.json", "--now", "2100-01-01T00:00:00Z")
    assert late.codes[0] == "freshness.expired"


def test_an_existing_signature_is_replaced():
    run(*SIGN, "--out", "a.tar.gz")
    run("sign", "bundle", "a.tar.gz", "--key", "stranger", "--keyid", "stranger", "--out", "b.tar.gz")
    assert ask("bundle", "b.tar.gz", *VERIFY).codes == ["signer.untrusted"]
    assert ask("bundle", "b.tar.gz", "--key", "stranger.pub").status == 0


def test_an_encrypted_key_takes_its_passphrase_from_a_file(place):
    (place / "phrase").write_text("correct horse\n")
    assert run("key", "generate", "locked", "--passphrase-file", "phrase").status == 0
    sign = ("sign", "bundle", "src", "--key", "locked", "--out", "a.tar.gz", "--passphrase-file")
    assert run(*sign, "phrase").status == 0
    (place / "wrong").write_text("battery staple\n")
    refused = run(*sign, "wrong")
    assert (refused.status, refused.out) == (2, "")
    assert "battery" not in refused.err


@pytest.mark.parametrize(
    "arguments",
    [
        SIGN,
        (*SIGN, "--out", "missing/a.tar.gz"),
        (*SIGN, "--out", "a.tar.gz", "--expires", "soon"),
        (*SIGN, "--out", "a.tar.gz", "--algorithm", "RS256"),
        (*SIGN, "--out", "a.tar.gz", "--now", "today"),
        ("sign", "bundle", "src", "--key", "release.pub", "--out", "a.tar.gz"),
        ("sign", "bundle", "src", "--key", "missing", "--out", "a.tar.gz"),
    ],
)
def test_wrong_usage_is_2_and_writes_nothing(place, arguments):
    before = sorted(place.iterdir())
    answer = run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(("content", "status"), [(b"not an archive", 1), (None, 3)])
def test_only_what_strict_reading_accepts_is_signed(place, content, status):
    if content is not None:
        (place / "bad.tar.gz").write_bytes(content)
    answer = run("sign", "bundle", "bad.tar.gz", "--key", "release", "--out", "a.tar.gz")
    assert (answer.status, answer.out) == (status, "")
    assert not (place / "a.tar.gz").exists()


def test_the_signature_says_when_it_was_made():
    run(*SIGN, "--out", "a.tar.gz", "--now", "2026-01-02T03:04:05Z")
    report = ask("bundle", "a.tar.gz", *VERIFY).report
    assert json.dumps(report["evidence"][0]["time"]) == '"2026-01-02T03:04:05Z"'
