"""What a real cosign signs and attests beside an image, in both schemes, on three registries: it counts here."""

import json
from datetime import UTC, datetime
from itertools import count

import pytest

from tests.support.images.pushed import judge, push_image
from tests.support.images.signed import trusting
from tests.support.peers.local_sigstore import RELEASE_CI, identity_token, local_sigstore
from tests.support.peers.peers import executable, run
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.value import replace

pytestmark = pytest.mark.interop

TYPE = "https://example.org/approval/v1"
COMMON = ("--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "--yes")
SCHEMES = {"bundle": (), "legacy": ("--new-bundle-format=false",)}
NUMBERS = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cosign")


@pytest.fixture(scope="module")
def cosign(folder):
    """Runs cosign where there is a key pair and a predicate."""
    program = executable("cosign", "COSIGN")
    environment = {
        "COSIGN_PASSWORD": "correct horse",
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder),
        "TUF_ROOT": str(folder / "tuf"),
    }

    def cosign(*arguments):
        return run(program, *arguments, cwd=folder, environment=environment)

    (folder / "predicate.json").write_text(json.dumps({"approved": True}))
    cosign("generate-key-pair")
    return cosign


@pytest.fixture(scope="module")
def by_key(cosign, folder):
    del cosign
    return Signer(name="k", kid="k", public_key=(folder / "cosign.pub").read_bytes(), answers_any_kid=True)


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    with local_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.fixture
def image(any_registry):
    """A new image in a repository of its own, by its digest."""
    name = f"acme/image{next(NUMBERS)}"
    return f"{any_registry.host}/{name}@{push_image(any_registry.host, name, name.encode())}"


def codes(verdict, *, errors=True):
    return [each.code for each in verdict.reasons if each.is_error is errors]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_key_s_signature_counts_with_its_claims(image, cosign, by_key, scheme):
    claims = ("-a", "version=1.4.0", "-a", "team=core")
    cosign("sign", "--key", "cosign.key", *COMMON, *SCHEMES[scheme], *claims, image)
    policy = trusting(by_key, claims=(("version", "1.*"),), formats=(scheme,))
    verdict = judge(image, policy).verdict
    assert codes(verdict) == []
    assert ("signature.legacy-format" in codes(verdict, errors=False)) is (scheme == "legacy")
    other = judge(image, trusting(by_key, claims=(("version", "2.*"),))).verdict
    assert codes(other) == ["signature.claim-mismatch"]
    cosign("verify", "--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry", image)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_key_s_attestation_counts_for_what_it_is(image, cosign, by_key, scheme):
    what = ("--predicate", "predicate.json", "--type", TYPE)
    cosign("attest", "--key", "cosign.key", *COMMON, *SCHEMES[scheme], *what, image)
    assert codes(judge(image, trusting(by_key)).verdict) == ["signature.missing"]
    assert codes(judge(image, trusting(by_key, attestations=(TYPE,))).verdict) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_else_cosign_attests_is_in_nobody_s_way(image, cosign, by_key, scheme):
    for kind in ("spdx", "cyclonedx", "vuln", "custom"):
        what = ("--predicate", "predicate.json", "--type", kind)
        cosign("attest", "--key", "cosign.key", *COMMON, *SCHEMES[scheme], *what, image)
    assert codes(judge(image, trusting(by_key)).verdict) == ["signature.missing"]
    cosign("sign", "--key", "cosign.key", *COMMON, *SCHEMES[scheme], image)
    assert codes(judge(image, trusting(by_key)).verdict) == []


def test_a_signature_for_another_repository_is_for_that_one(image, cosign, by_key):
    named = "registry.acme.example/acme/app:1.4.0"
    cosign("sign", "--key", "cosign.key", *COMMON, *SCHEMES["legacy"], "--sign-container-identity", named, image)
    assert codes(judge(image, trusting(by_key)).verdict) == ["signature.wrong-repository"]
    meant = trusting(by_key, repository="registry.acme.example/acme/app")
    assert codes(judge(image, meant).verdict) == []


def test_two_keys_in_two_schemes_are_two_signers(image, cosign, by_key, folder):
    named = f"second{next(NUMBERS)}"
    cosign("generate-key-pair", "--output-key-prefix", named)
    second = replace(by_key, name="second", kid="second", public_key=(folder / f"{named}.pub").read_bytes())
    cosign("sign", "--key", "cosign.key", *COMMON, image)
    cosign("sign", "--key", f"{named}.key", *COMMON, *SCHEMES["legacy"], image)
    assert codes(judge(image, trusting(by_key, second, threshold=2)).verdict) == []
    assert codes(judge(image, trusting(by_key, second, threshold=2, formats=("bundle",))).verdict) == [
        "signature.threshold-not-met"
    ]


def keyless(sigstore, folder, scheme):
    """The options of a keyless signature against the local Sigstore."""
    (folder / "token").write_text(identity_token())
    token = ("--identity-token", "token", "--trusted-root", str(sigstore.trusted_root), "--yes")
    if scheme == "bundle":
        return (*token, "--signing-config", str(sigstore.signing_config("rekor1_tsa")), "--allow-http-registry")
    config = json.loads(sigstore.signing_config("rekor1_tsa").read_text())
    url = config["rekorTlogUrls"][0]["url"].rstrip("/")
    places = ("--fulcio-url", url, "--rekor-url", url, "--timestamp-server-url", f"{url}/api/v1/timestamp")
    return (
        *token,
        *SCHEMES["legacy"],
        "--use-signing-config=false",
        "--insecure-skip-verify",
        "--allow-http-registry",
        *places,
    )


def rooted(sigstore, **rule):
    root = SigstoreInstance(name="local", document=sigstore.trusted_root.read_bytes())
    return trusting(RELEASE_CI, sigstore=root, **rule)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_keyless_signature_counts_for_its_identity(image, cosign, sigstore, folder, scheme):
    cosign("sign", *keyless(sigstore, folder, scheme), image)
    verification = judge(image, rooted(sigstore, formats=(scheme,)), now=datetime.now(UTC))
    assert codes(verification.verdict) == []
    (item,) = [each for each in verification.verdict.evidence if each.verified]
    assert item.time is not None
    assert (item.kind == "image-signature") is (scheme == "legacy")
    # Log and timestamp authority both count.
    assert "time.untrusted" not in codes(verification.verdict, errors=False)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_keyless_attestation_counts_for_its_identity(image, cosign, sigstore, folder, scheme):
    what = ("--predicate", "predicate.json", "--type", TYPE)
    cosign("attest", *keyless(sigstore, folder, scheme), *what, image)
    policy = rooted(sigstore, formats=(scheme,), attestations=(TYPE,))
    assert codes(judge(image, policy, now=datetime.now(UTC)).verdict) == []
