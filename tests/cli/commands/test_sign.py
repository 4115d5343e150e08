"""`verify sign`: a bundle inside, beside, or both; any file beside it. What was signed verifies."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.publishing.releases import VERIFY
from tests.support.sigstore_instance import Instance

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
    (place / "phrase").chmod(0o600)
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


class TestAnyFile:
    SIGN = ("sign", "artifact", "release.pub", "--out", "a.json")
    TRUST = ("--attestation", "a.json", "--key", "release.pub")

    def test_what_was_signed_verifies(self):
        answer = run(*self.SIGN, "--key", "release", "--version", "1.2.3")
        assert (answer.status, answer.out) == (0, "")
        assert "wrote a.json" in answer.err
        ordered = ("--version-from", "attestation.version", "--version-scheme", "semver")
        verified = ask("artifact", "release.pub", *self.TRUST, *ordered)
        assert (verified.status, verified.report["artifact"]["version"]) == (0, "1.2.3")

    def test_under_another_name_it_has_to_be_asked_for(self):
        run(*self.SIGN, "--key", "release", "--name", "app")
        assert ask("artifact", "release.pub", *self.TRUST).codes == ["attestation.subject-mismatch"]
        assert ask("artifact", "release.pub", *self.TRUST, "--name", "app").status == 0

    def test_it_expires(self):
        run(*self.SIGN, "--key", "release", "--expires", "30d")
        assert ask("artifact", "release.pub", *self.TRUST).status == 0
        late = ask("artifact", "release.pub", *self.TRUST, "--now", "2100-01-01T00:00:00Z")
        assert late.codes == ["freshness.expired"]

    def test_the_key_id_selects_the_key(self):
        run(*self.SIGN, "--key", "release", "--keyid", "release-2026")
        envelope = json.loads(Path("a.json").read_text())
        assert [each["keyid"] for each in envelope["signatures"]] == ["release-2026"]

    @pytest.mark.parametrize(
        ("options", "seen"),
        [
            ((), "a key, or --keyless"),
            (("--key", "release", "--keyless"), "not both"),
            (("--keyless", "--keyid", "ci"), "has no key"),
            (("--keyless", "--passphrase-file", "release"), "has no key"),
            (("--key", "release", "--identity-token", "token"), "go with --keyless"),
            (("--key", "release", "--signing-config", "config.json"), "go with --keyless"),
            (("--key", "release", "--trusted-root", "staging"), "go with --keyless"),
            (("--keyless", "--trusted-root", "missing.json"), "missing.json"),
            (("--keyless", "--signing-config", "config.json"), "none was named"),
            (("--key", "release", "--expires", "soon"), "--expires"),
            (("--key", "missing"), "missing"),
            (("--key", "ci.pub"), "ci.pub"),
        ],
    )
    def test_wrong_usage_is_2_and_signs_nothing(self, place, options, seen):
        answer = run(*self.SIGN, *options)
        assert (answer.status, answer.out) == (2, "")
        assert seen in answer.err
        assert not (place / "a.json").exists()

    def test_a_root_that_names_no_service_to_sign_at_is_said_before_anything_is_sent(self, place):
        (place / "root.json").write_text(json.dumps(Instance().root_document()))
        (place / "token").write_text("sent to nobody")
        (place / "token").chmod(0o600)
        answer = run(*self.SIGN, "--keyless", "--trusted-root", "root.json", "--identity-token", "token")
        assert (answer.status, "not where to sign" in answer.err) == (2, True)

    @pytest.mark.parametrize(
        ("pin", "library", "seen"),
        [
            (b"1234\n", None, "PYKCS11LIB" if find_spec("pkcs11") else "policy-verifier[hsm]"),
            (b"1234\n", "/nowhere.so", "/nowhere.so" if find_spec("pkcs11") else "policy-verifier[hsm]"),
            (b"\xff", None, "is not text"),
            (None, None, "nobody is there to be asked"),
        ],
    )
    def test_a_key_on_a_token_that_cannot_be_used_says_what_is_missing(self, place, monkeypatch, pin, library, seen):
        monkeypatch.delenv("PYKCS11LIB", raising=False)
        if library is not None:
            monkeypatch.setenv("PYKCS11LIB", library)
        if pin is not None:
            (place / "pin").write_bytes(pin)
            (place / "pin").chmod(0o600)
        answer = run(*self.SIGN, "--key", "hsm:2?label=release", *(("--passphrase-file", "pin") if pin else ()))
        assert (answer.status, answer.out) == (2, "")
        assert seen in answer.err
        assert "1234" not in answer.err
        assert not (place / "a.json").exists()

    def test_a_key_elsewhere_does_not_sign_inside_a_bundle(self):
        answer = run("sign", "bundle", "src", "--key", "hsm:2?label=release", "--out", "a.tar.gz")
        assert (answer.status, "--detached instead" in answer.err) == (2, True)

    def test_a_file_that_cannot_be_read_is_3(self):
        answer = run("sign", "artifact", "missing", "--out", "a.json", "--key", "release")
        assert (answer.status, "input.unreadable" in answer.err) == (3, True)
