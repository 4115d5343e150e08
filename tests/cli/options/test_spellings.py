"""What the same thing is called by cosign, gh and slsa-verifier is taken here; what has no like says what does it."""

import pytest
from typer.main import get_command

from tests.support.command import ask, run
from tests.support.material import corpus
from tests.support.places import ROOT
from verifier.cli.app import command_line
from verifier.cli.options.demands.spellings import FOREIGN, told
from verifier.core.signers.keyless import KeylessIdentity
from verifier.trust.adhoc import AdHocFlags

pytestmark = pytest.mark.usefixtures("place")
ACTIONS = "https://token.actions.githubusercontent.com"
SAME = {
    "cosign": [
        *("--key", "--bundle", "--signature", "--certificate-identity", "--certificate-oidc-issuer", "--trusted-root"),
        *("--certificate-identity-regexp", "--certificate-oidc-issuer-regexp"),
    ],
    "gh": ["--bundle", "--owner", "--repo", "--signer-workflow", "--cert-identity", "--cert-identity-regex",
           "--cert-oidc-issuer", "--source-ref", "--format"],
    "slsa-verifier": ["--source-uri", "--source-tag", "--source-branch", "--builder-id"],
    "sigstore-python": ["--bundle", "--cert-identity", "--cert-oidc-issuer"],
    "sha256sum": ["--ignore-missing"],
}  # fmt: skip


def flags_of(command):
    found = get_command(command_line(command))
    return {flag for each in getattr(found, "commands", {command: found})[command].params for flag in each.opts}


@pytest.mark.parametrize("tool", SAME)
def test_the_spellings_that_tools_share_are_taken_and_stand_in_the_docs(tool):
    assert set(SAME[tool]) <= flags_of("artifact")
    page = (ROOT / "docs" / "commands.md").read_text()
    assert all(flag in page for flag in SAME[tool])


def test_a_bundle_is_asked_about_in_the_same_words():
    assert {"--certificate-identity", "--certificate-identity-regexp", "--repo", "--owner"} <= flags_of("bundle")


@pytest.mark.parametrize("option", FOREIGN)
def test_another_tool_s_option_says_what_does_it_here(option):
    assert option not in flags_of("artifact")
    answer = run("artifact", "app", option, "x")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: No such option: {option}: {FOREIGN[option]}\n")
    assert f"`{option}`" in (ROOT / "docs" / "commands.md").read_text()


@pytest.mark.parametrize("option", ["--insecure-anything", "--skip-verify", "--no-verify", "--allow-insecure"])
def test_whatever_would_switch_a_check_off_is_no_option_and_says_so(option):
    assert "no option switches a check off" in run("artifact", "app", option).err
    assert "no option switches a check off" in run("artifact", "app", f"{option}=true").err


def test_of_a_mistyped_one_what_was_meant_is_said():
    assert "--certificate-identity" in run("artifact", "app", "--certificate-idenity", "x").err
    assert told("--certificate-idenity") is None


@pytest.mark.corpus
class TestGenuine:
    DIGEST = (
        "sha512:46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1"
        "e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c"
    )
    INTEGRITY = "sha512-RtTi90xIdzFmQAAKb9+Ki1nx4IR2Z5c+mFn3dN0xuPHgk3gTt3f7ZqKsZ9UFQP40ZAlm7un8LMyjhwgrTIXNPA=="
    WORKFLOW = "sigstore/sigstore-js/.github/workflows/release.yml"

    def verify(self, *whom, digest=DIGEST):
        beside = corpus("field") / "npm-package-by-its-sha512" / "b.sigstore.json"
        return ask("artifact", digest, "--bundle", beside, *whom)

    @pytest.mark.parametrize(
        "whom",
        [
            ("--repo", "sigstore/sigstore-js"),
            ("--owner", "sigstore"),
            ("--repo", "sigstore/sigstore-js", "--signer-workflow", WORKFLOW),
            ("--owner", "sigstore", "--signer-workflow", f"{WORKFLOW}@refs/heads/main"),
            ("--certificate-identity", f"https://github.com/{WORKFLOW}@*", "--certificate-oidc-issuer", ACTIONS),
            (
                *("--certificate-identity-regexp", "^https://github\\.com/sigstore/sigstore-js/.*$"),
                *("--certificate-oidc-issuer-regexp", "^https://(token\\.actions\\.githubusercontent|gitlab)\\.com$"),
            ),
            (
                *("--cert-identity-regex", "^https://github\\.com/sigstore/.*@refs/heads/main$"),
                *("--cert-oidc-issuer", ACTIONS, "--repo", "sigstore/sigstore-js"),
            ),
        ],
    )
    def test_whoever_is_meant_is_believed_in_each_spelling(self, whom):
        assert self.verify(*whom).status == self.verify(*whom, digest=self.INTEGRITY).status == 0

    @pytest.mark.parametrize(
        "whom",
        [
            ("--repo", "sigstore/sigstore"),
            ("--owner", "sigstor"),
            ("--repo", "sigstore/sigstore-js", "--signer-workflow", f"{WORKFLOW}@refs/heads/mai"),
            ("--repo", "sigstore/sigstore-js", "--signer-workflow", WORKFLOW[:-1]),
            ("--cert-identity-regex", "^https://github\\.com/sigstore/sigstore-js/", "--cert-oidc-issuer", ACTIONS),
            (
                "--cert-identity-regex",
                "^https://github\\.com/sigstore/.*$",
                "--cert-oidc-issuer-regexp",
                "https://gitlab.com",
            ),
            (
                *("--cert-identity-regex", "^https://github\\.com/sigstore/.*$"),
                *("--cert-oidc-issuer", ACTIONS, "--repo", "sigstore/cosign"),
            ),
        ],
    )
    def test_whoever_is_not_meant_is_not(self, whom):
        answer = self.verify(*whom)
        assert (answer.status, answer.codes) == (1, ["signer.untrusted"])

    def test_another_digest_is_another_package(self):
        answer = self.verify("--repo", "sigstore/sigstore-js", digest=f"{self.DIGEST[:-1]}0")
        assert (answer.status, answer.codes[0]) == (1, "attestation.subject-mismatch")

    @pytest.mark.parametrize(
        "option", [("--record", "--name", "sigstore"), ("--verdict-out", "v.json", "--signing-key", "ci")]
    )
    def test_what_is_known_by_its_sha256_is_written_down_under_no_other_name(self, place, option):
        answer = self.verify("--repo", "sigstore/sigstore-js", *option)
        assert (answer.status, answer.out, (place / "v.json").exists()) == (2, "", False)
        assert "sha256" in answer.err


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (("--certificate-identity-regexp", ".*", "--cert-oidc-issuer", ACTIONS), "--certificate-identity-regexp"),
        (
            ("--cert-identity", "a@b.example", "--certificate-oidc-issuer-regexp", ".*"),
            "--certificate-oidc-issuer-regexp",
        ),
        (
            ("--cert-identity", "a@b.example", "--certificate-oidc-issuer-regexp", "http://b.example"),
            "--certificate-oidc-issuer-regexp",
        ),
        (("--certificate-identity-regexp", "^a@b\\.example$"), "--cert-oidc-issuer"),
        (
            (
                "--certificate-identity-regexp",
                "^a@b\\.example$",
                "--cert-identity",
                "a@b.example",
                "--cert-oidc-issuer",
                ACTIONS,
            ),
            "--cert-identity",
        ),
        (("--repo", "acme"), "--repo"),
        (("--repo", "acme/.."), "--repo"),
        (("--repo", "acme/app/x"), "--repo"),
        (("--repo", "*/app"), "--repo"),
        (("--owner", "acme/app"), "--owner"),
        (("--owner", "*"), "--owner"),
        (("--owner", "acme", "--repo", "acme/app"), "--owner"),
        (("--signer-workflow", "acme/app/.github/workflows/a.yml"), "--workflow"),
        (("--owner", "acme", "--signer-workflow", "a.yml"), "--workflow"),
        (("--repo", "acme/app", "--signer-workflow", "acme/app/.github/workflows/*"), "--workflow"),
        (
            (
                *("--repo", "acme/app", "--signer-workflow", "acme/app/.github/workflows/a.yml"),
                *("--cert-identity", "https://github.com/acme/app", "--cert-oidc-issuer", ACTIONS),
            ),
            "--workflow",
        ),
        (("--repo", "acme/app", "--policy", "trust.toml"), "--policy"),
        (("--repo", "acme/app", "--builder-id", "https://b.example", "--source-tag", "v*"), "--source-tag"),
        (("--repo", "acme/app", "--builder-id", "https://b.example", "--source-tag", "refs/tags/v1"), "--source-tag"),
        (
            (
                *("--repo", "acme/app", "--builder-id", "https://b.example"),
                *("--source-tag", "v1", "--source-branch", "main"),
            ),
            "--source-tag, --source-branch",
        ),
    ],
)
def test_a_spelling_that_means_nobody_or_everybody_is_wrong_usage(options, where):
    answer = run("artifact", "app", *options)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: {where}: ")


def test_source_and_tag_are_what_slsa_verifier_means_by_them():
    from verifier.cli.options.demands.provenance import ProvenanceDemands  # noqa: PLC0415

    said = ProvenanceDemands(source_uri="github.com/acme/app", source_tag="v1", builder_id="https://b.example")
    flags = said.onto(AdHocFlags())
    assert (flags.source_uri, flags.source_ref) == ("git+https://github.com/acme/app", "refs/tags/v1")
    assert ProvenanceDemands(source_branch="main").onto(AdHocFlags()).source_ref == "refs/heads/main"


def test_a_digest_without_its_name_is_told_how_it_is_written(place):
    answer = run("artifact", "AB" * 64, "--key", "release.pub")
    assert (answer.status, f"Give sha512:{'ab' * 64}" in answer.err) == (2, True)
    (place / ("ab" * 32)).write_bytes(b"a file that is called by its digest")
    assert ask("artifact", "ab" * 32, "--key", "release.pub").codes == ["signature.missing"]


def test_an_expression_that_is_anybody_s_cannot_be_a_signer_s():
    for wrong in ({"identity": ".*"}, {"issuer": ".*"}):
        fields = {"issuer": ACTIONS, "identity": "a@acme.example", "regexps": tuple(wrong), **wrong}
        with pytest.raises(ValueError, match="must"):
            KeylessIdentity(**fields)
