"""`verify trust import`: another tool's policy as one of ours, that lets no more pass than it did."""

import tomllib
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.places import ROOT

pytestmark = pytest.mark.usefixtures("place")
SOURCES = ROOT / "fixtures" / "foreign-policies"
DOCUMENTS = sorted(each for each in SOURCES.rglob("*") if each.suffix in {".yaml", ".json"})


def imported(source, *arguments):
    """What was said, and the policy, which loads."""
    answer = run("trust", "import", source, "--out", "new.toml", *arguments)
    assert (answer.status, answer.out) == (0, ""), answer.err
    assert run("trust", "check", "new.toml").status == 0
    return answer.err, tomllib.loads(Path("new.toml").read_text())


def rule(policy, pattern):
    return policy["artifacts"][pattern]


def denies(found):
    return found["signatures"]["from"] == ["nobody"]


@pytest.mark.parametrize("source", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.parametrize("more", [(), ("--accept-weaker",)], ids=["as it is", "weaker too"])
def test_each_result_loads_and_is_checked(source, more):
    imported(source, *more)


@pytest.mark.parametrize("source", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_everything_that_is_said_stands_in_the_policy_too(source):
    said, _ = imported(source)
    text = Path("new.toml").read_text()
    remarks = [
        line for line in said.splitlines() if line.startswith(("weaker", "stronger", "not imported", "the same"))
    ]
    assert [line for line in remarks if f"# {line}" not in text] == []


def test_a_keyless_authority_becomes_a_signer_with_its_identity():
    _, policy = imported(SOURCES / "policy-controller/keyless.yaml")
    (signer,) = policy["signers"].values()
    assert signer["keyless"] == {
        "issuer": "https://token.actions.githubusercontent.com",
        "identity": "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.4.0",
    }
    found = rule(policy, "image:registry.acme.example/acme/*")
    assert found["signatures"]["from"] == list(policy["signers"])


def test_an_expression_stays_one_and_who_could_be_anybody_is_left_out():
    said, policy = imported(SOURCES / "policy-controller/keyless-expressions.yaml")
    assert len(policy["signers"]) == 1
    assert policy["signers"]["ci"]["keyless"]["identity_regexp"].startswith("^https://github\\.com/acme/app/")
    assert "not imported: spec.authorities[0].keyless.identities[1]" in said
    assert "stronger: spec.mode: warn" in said


def test_a_key_is_written_to_a_file_with_its_fingerprint():
    said, policy = imported(SOURCES / "policy-controller/key.yaml")
    assert policy["signers"]["release"]["key"] == "keys/release.pub"
    assert Path("keys/release.pub").read_bytes() == (ROOT / "fixtures/keys/p256.pub").read_bytes()
    assert "wrote keys/release.pub, sha256:" in said


def test_a_name_that_becomes_wider_is_denied_until_that_is_accepted():
    _, policy = imported(SOURCES / "policy-controller/key.yaml")
    assert denies(rule(policy, "image:registry.acme.example/acme/app*"))
    assert not denies(rule(policy, "image:registry.acme.example/acme/tools/*"))
    Path("new.toml").unlink()
    _, policy = imported(SOURCES / "policy-controller/key.yaml", "--accept-weaker")
    assert not denies(rule(policy, "image:registry.acme.example/acme/app*"))


@pytest.mark.parametrize(
    ("source", "because"),
    [
        ("policy-controller/key-in-the-log.yaml", "transparency log"),
        ("policy-controller/key-in-the-log.yaml", "attestation of type spdxjson"),
        ("policy-controller/one-digest.yaml", "everything else of the name than that digest"),
        ("policy-controller/two-that-both-hold.yaml", "both had to hold"),
        ("kyverno/attestations.yaml", "attestation of type https://acme.example/CodeReview/v1"),
        ("kyverno/image-validating-more.yaml", "an expression in CEL"),
        ("kyverno/image-validating-key-in-the-log.yaml", "transparency log"),
    ],
)
def test_what_would_let_more_pass_is_denied_and_says_why(source, because):
    said, policy = imported(SOURCES / source)
    assert any(denies(each) for each in policy["artifacts"].values())
    assert [line for line in said.splitlines() if line.startswith("weaker: ") and because in line]
    assert "DENIED: " in said


@pytest.mark.parametrize(
    ("source", "because"),
    [
        ("policy-controller/kms.yaml", "a key in a KMS"),
        ("policy-controller/kms.yaml", "a key in a Secret"),
        ("policy-controller/static.yaml", "it let unsigned images pass; here nothing does"),
        ("policy-controller/own-instance.yaml", "an instance of Sigstore's of one's own"),
        ("kyverno/one-of-two-missing.yaml", "the key is elsewhere"),
        ("opa/shared-secret.json", "a shared secret"),
    ],
)
def test_without_enough_signers_everything_is_denied_whatever_is_accepted(source, because):
    said, policy = imported(SOURCES / source, "--accept-weaker")
    assert all(denies(each) for each in policy["artifacts"].values())
    assert because in said


def test_of_two_keys_that_both_have_to_sign_both_have_to():
    said, policy = imported(SOURCES / "kyverno/two-of-two.yaml")
    found = rule(policy, "image:registry.acme.example/acme/*")
    assert (found["signatures"]["threshold"], len(found["signatures"]["from"])) == (2, 2)
    assert found["signatures"]["claims"] == {"environment": "production"}
    assert "stronger: spec.validationFailureAction: Audit" in said
    assert "stronger: spec.rules[0].verifyImages[0].required" in said


def test_a_key_that_stands_there_twice_signs_once():
    text = (SOURCES / "kyverno/key.yaml").read_text().replace("count: 1\n          ", "")
    block = (ROOT / "fixtures/keys/p256.pub").read_text().strip().splitlines()
    key = "\n".join(f"                {line}" for line in block)
    assert key in text
    Path("twice.yaml").write_text(text.replace(key, f"{key}\n{key}"))
    _, policy = imported("twice.yaml")
    found = rule(policy, "image:registry.acme.example/acme/app*")
    assert (found["signatures"]["threshold"], len(found["signatures"]["from"])) == (1, 1)


def test_where_kyverno_says_nothing_of_a_log_it_wants_one():
    text = (SOURCES / "kyverno/key.yaml").read_text()
    Path("silent.yaml").write_text(text.partition("              rekor:")[0])
    said, policy = imported("silent.yaml")
    assert "weaker: " in said
    assert all(denies(each) for each in policy["artifacts"].values())


def test_extensions_of_a_certificate_become_claims():
    _, policy = imported(SOURCES / "kyverno/keyless.yaml")
    (signer,) = policy["signers"].values()
    assert signer["keyless"]["claims"] == {"trigger": "push", "repository": "https://github.com/acme/app"}
    assert list(policy["artifacts"]) == ["image:registry.acme.example/acme/app"]


def test_an_image_validating_policy_that_asks_for_signatures_alone_is_imported():
    _, policy = imported(SOURCES / "kyverno/image-validating-key.yaml")
    assert not denies(rule(policy, "image:registry.acme.example/acme/app*"))


def test_opa_s_key_scope_and_place_become_those_of_a_rule():
    said, policy = imported(SOURCES / "opa/signed.yaml")
    found = rule(policy, "bundle:authz")
    assert found["signatures"] == {"threshold": 1, "from": ["release"], "scope": "read"}
    assert found["resource_uri"] == "https://bundles.acme.example/policies/authz/bundle.tar.gz"
    assert policy["signers"]["release"]["algorithms"] == ["RS256"]
    assert denies(rule(policy, "bundle:sandbox"))
    assert "it is loaded without a signature; here it is denied" in said


def test_no_secret_of_the_source_is_repeated():
    for source in ("opa/signed.yaml", "opa/shared-secret.json"):
        said, _ = imported(SOURCES / source)
        text = Path("new.toml").read_text() + said
        assert "not-to-be-repeated" not in text
        assert "a-shared-secret" not in text
        Path("new.toml").unlink()


def test_slsa_verifier_s_flags_become_builders_with_the_repository_in_their_certificates():
    _, policy = imported(
        "slsa-verifier",
        *("--", "verify-artifact", "app.tar.gz", "--provenance-path", "p.intoto.jsonl"),
        *("--source-uri", "github.com/acme/app", "--source-tag", "v1.2.3"),
    )
    found = rule(policy, "artifact:app.tar.gz")
    assert found["provenance"]["source"] == "git+https://github.com/acme/app"
    assert found["provenance"]["ref"] == "refs/tags/v1.2.3"
    assert set(found["provenance"]["builders"]) == set(policy["builders"])
    assert {each["keyless"]["claims"]["repository"] for each in policy["signers"].values()} == {
        "https://github.com/acme/app"
    }


def test_cosign_s_identity_becomes_a_signer():
    _, policy = imported(
        "cosign",
        *("--", "verify", "registry.acme.example/acme/app:1.4.0"),
        "--certificate-identity=https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.4.0",
        *("--certificate-oidc-issuer", "https://token.actions.githubusercontent.com"),
    )
    assert "image:registry.acme.example/acme/app" in policy["artifacts"]


def test_cosign_s_key_needs_the_log_there_so_that_it_is_denied_here_until_that_is_accepted():
    words = ("--", "verify", "registry.acme.example/acme/app", "--key", "release.pub")
    _, policy = imported("cosign", *words)
    assert denies(rule(policy, "image:registry.acme.example/acme/app"))
    Path("new.toml").unlink()
    _, policy = imported("cosign", "--accept-weaker", *words)
    assert not denies(rule(policy, "image:registry.acme.example/acme/app"))


def test_an_existing_policy_or_key_is_never_overwritten():
    Path("keys").mkdir()
    Path("keys/release.pub").write_text("somebody's")
    answer = run("trust", "import", SOURCES / "policy-controller/key.yaml", "--out", "new.toml")
    assert answer.status == 2
    assert not Path("new.toml").exists()
    assert Path("keys/release.pub").read_text() == "somebody's"
    before = Path("trust.toml").read_text()
    assert run("trust", "import", SOURCES / "policy-controller/keyless.yaml").status == 2
    assert Path("trust.toml").read_text() == before


HOSTILE = """apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: {name}
spec:
  images:
  - glob: "**"
  authorities:
  - name: {name}
    static: {{ action: pass }}
  {more}
"""


@pytest.mark.parametrize(
    "name", ['"a\\nrevoked = false"', '"]\\n[signers.evil]"', '"\\u202e\\u0007"', '"' + "x" * 5000 + '"']
)
def test_no_name_leaves_its_comment(name):
    Path("evil.yaml").write_text(HOSTILE.format(name=name, more=""))
    _, policy = imported("evil.yaml")
    assert list(policy["signers"]) == ["nobody"]
    assert policy["signers"]["nobody"]["revoked"] is True


def test_long_names_that_begin_alike_stay_apart():
    text = (SOURCES / "policy-controller/key.yaml").read_text().partition("  authorities:")
    key = "\n".join(f"        {line}" for line in (ROOT / "fixtures/keys/p256.pub").read_text().strip().splitlines())
    names = [f"{'x' * 200}-{at}" for at in range(5)]
    authorities = "".join(f"  - name: {name}\n    key:\n      data: |\n{key}\n" for name in names)
    Path("many.yaml").write_text(f"{text[0]}{text[1]}\n{authorities}")
    _, policy = imported("many.yaml", "--accept-weaker")
    assert len(policy["signers"]) == len(names)


def test_a_field_that_is_not_known_may_demand_something_and_denies():
    text = (SOURCES / "policy-controller/keyless.yaml").read_text()
    Path("next.yaml").write_text(text.replace("spec:\n", "spec:\n  demandsMore: true\n", 1))
    said, policy = imported("next.yaml")
    assert "weaker: spec.demandsMore: is not known here" in said
    assert all(denies(each) for each in policy["artifacts"].values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "kind: Pod\n",
        "a: &a [*a]\n",
        "a: &x [1]\nb: [*x, *x]\n",
        "kind: ClusterImagePolicy\napiVersion: policy.sigstore.dev/v1beta1\n",
        "kind: ClusterImagePolicy\napiVersion: policy.sigstore.dev/v1beta1\nmetadata: {name: x}\nspec: {images: 3}\n",
        "{" * 5000,
        "---\n" * 200 + "a: 1\n",
        "a: 1\n---\n" * 200,
        "kind: ClusterPolicy\napiVersion: kyverno.io/v1\nmetadata: {name: x}\nspec: {rules: [{name: a}]}\n",
        "bundles: {}\n",
        "bundles: 7\n",
        "keys: {a: 3}\nbundles: {b: {signing: {keyid: a}}}\n",
        "bundles: {' a': {resource: x}}\n",
        "\ufeffkind: x\n",
        "x" * (1024 * 1024 + 5),
    ],
)
def test_what_is_no_policy_is_an_error_in_one_line_and_writes_nothing(text):
    Path("bad.yaml").write_text(text)
    answer = run("trust", "import", "bad.yaml", "--out", "new.toml")
    assert answer.status == 2
    assert "internal.error" not in answer.err
    assert not Path("new.toml").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("slsa-verifier",),
        ("slsa-verifier", "--", "--source-uri"),
        ("slsa-verifier", "--", "--source-uri", "gitlab.com/acme/app"),
        ("slsa-verifier", "--", "verify-npm-package", "--source-uri", "github.com/acme/app"),
        (
            "slsa-verifier",
            "--",
            "--source-uri",
            "github.com/a/b",
            "--builder-id",
            "https://cloudbuild.googleapis.com/W",
        ),
        ("slsa-verifier", "--", "--source-uri", "github.com/a/b", "--source-uri", "github.com/c/d"),
        ("cosign",),
        ("cosign", "--", "verify", "a", "b"),
        ("cosign", "--", "verify", "registry.acme.example/a", "--key", "nothing.pub"),
    ],
)
def test_flags_that_have_no_equal_are_an_error(words):
    answer = run("trust", "import", "--out", "new.toml", *words)
    assert answer.status == 2
    assert "internal.error" not in answer.err
    assert not Path("new.toml").exists()
