"""Real signatures beside real images: made by cosign 3.1.3, by slsa-github-generator, by containers/image's tests."""

import functools
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tests.support.images.place import MemoryPlace
from tests.support.images.signed import artifact_of, errors, judged, said, trusting, warned
from tests.support.material import NOW, codes, corpus
from tests.support.sigstore_instance import Instance, b64
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.signatures.attestation import verify_attestation
from verifier.trust.tables.verifiers import VerifierRule

pytestmark = pytest.mark.corpus

ACTIONS = "https://token.actions.githubusercontent.com"
GENERATOR = (
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml"
    "@refs/tags/{}"
)
PROVENANCE = "https://slsa.dev/provenance/v0.2"
SLSA = {
    "v1.4.0": "a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925",
    "v2.1.0": "234e2c830c2fb31ac5671789d22adfe44d30c3ee831d01beae5e237841a13122",
}
SAMPLE = "registry.acme.example/acme/sample"
TABLE = [
    ("cosign-valid", "signature-1", "cosign.pub", None),
    ("cosign-valid-2", "signature-1", "cosign.pub", None),
    ("cosign-valid-2", "signature-2", "cosign.pub", None),
    ("cosign-valid-with-tag", "signature-1", "cosign.pub", None),
    ("cosign-mixed", "signature-1", "cosign.pub", "signature.invalid"),
    ("cosign-mixed", "signature-2", "cosign.pub", None),
    ("cosign-key-rekor-valid", "signature-1", "cosign2.pub", None),
    ("cosign-key-rekor-valid", "signature-1", "cosign.pub", "signature.invalid"),
    ("cosign-modified-manifest", "signature-1", "cosign.pub", "attestation.subject-mismatch"),
    ("cosign-manifest-digest-error", "signature-1", "cosign.pub", "attestation.subject-mismatch"),
    ("cosign-other-attachment", "signature-1", "cosign.pub", "signature.unsupported"),
]


def key(path, name=None):
    return Signer(name=name or path.stem, kid=path.stem, public_key=path.read_bytes(), answers_any_kid=True)


def generator(tag):
    keyless = KeylessIdentity(issuer=ACTIONS, identity=GENERATOR.format(tag))
    return Signer(name="generator", kid="generator", keyless=keyless)


@pytest.fixture
def sample():
    return MemoryPlace.of_layout(corpus("images/cosign-3.1.3"), "1.4.0", repository=SAMPLE)


@pytest.fixture
def ci():
    return key(corpus("images/cosign-3.1.3") / "ci.pub")


@pytest.fixture
def other():
    return key(corpus("images/cosign-3.1.3") / "other.pub")


def test_cosign_s_bundles_are_two_releases_by_two_keys(sample, ci, other):
    inspection = judged(sample, trusting(ci, other, threshold=2))
    assert errors(inspection) == []
    assert [each.signers[0].name for each in inspection.evidence.releases] == ["ci", "other"]
    assert inspection.evidence.releases[0].signed_claims == (("version", "1.4.0"),)
    assert len(inspection.evidence.provenances) == 1
    assert not any(each.startswith("tagged") for each in sample.asked)


def test_cosign_s_old_layers_say_the_same(sample, ci):
    # Somebody's verdict might lie there: the attestations are read as well.
    verifiers = (VerifierRule(name="v", signer="ci", id="https://example.org/verifier"),)
    policy = trusting(ci, formats=("legacy",), claims=(("version", "1.*"),), verifiers=verifiers)
    inspection = judged(sample, policy)
    assert errors(inspection) == []
    assert warned(inspection)[0] == "signature.legacy-format"
    assert inspection.evidence.releases[0].signed_claims == (("version", "1.4.0"),)
    assert len(inspection.evidence.provenances) == 1


def test_an_old_layer_in_another_repository_is_for_the_one_that_it_names(ci):
    place = MemoryPlace.of_layout(corpus("images/cosign-3.1.3"), "1.4.0", repository="registry.acme.example/x/y")
    assert "signature.wrong-repository" in errors(judged(place, trusting(ci, formats=("legacy",))))


def test_the_registry_s_answer_is_the_layout_s(sample):
    listed = json.loads((corpus("images/cosign-3.1.3") / "referrers.json").read_bytes())["manifests"]
    assert {each["digest"] for each in listed} == {each["digest"] for each in sample.listed}


@functools.cache
def slsa(version):
    return MemoryPlace.of_layout(corpus(f"images/slsa-container/{version}"), KINDS[version])


KINDS = {"v1.4.0": "dev.cosignproject.cosign/image", "v2.1.0": "dev.cosignproject.cosign/imageIndex"}


@pytest.mark.parametrize("version", SLSA)
def test_an_image_s_provenance_by_its_generator_is_proven_offline(version):
    place = slsa(version)
    assert place.digest.value == SLSA[version]
    inspection = judged(place, trusting(generator(version), attestations=(PROVENANCE,), sigstore=PRODUCTION))
    assert errors(inspection) == []
    (proven,) = inspection.evidence.provenances
    assert proven.signers[0].kind == "keyless"
    assert proven.signers[0].signed_time < NOW


@pytest.mark.parametrize("version", SLSA)
def test_an_image_s_provenance_is_not_by_another_release_of_the_generator(version):
    inspection = judged(slsa(version), trusting(generator("v9.9.9"), attestations=(PROVENANCE,)))
    assert errors(inspection) == ["signer.untrusted"]


@pytest.mark.parametrize("version", SLSA)
def test_provenance_alone_is_no_signature(version):
    inspection = judged(slsa(version), trusting(generator(version)))
    assert errors(inspection) == ["signature.missing"]
    assert "says how it was built" in said(inspection)[0].message


@pytest.mark.parametrize("version", SLSA)
def test_provenance_is_not_of_another_image(version):
    place = slsa(version)
    another = artifact_of(place, digest=Digest.of(b"another"), content=b"another")
    inspection = judged(place, trusting(generator(version), attestations=(PROVENANCE,)), artifact=another)
    assert errors(inspection) == ["attestation.subject-mismatch"]


@pytest.mark.parametrize(("folder", "file", "pem", "code"), TABLE)
def test_skopeo_s_folders_verify_as_containers_image_says(folder, file, pem, code):
    home = corpus("images/containers-image")
    manifest = (home / folder / "manifest.json").read_bytes()
    given = Document(name=file, content=(home / folder / file).read_bytes())
    policy = trusting(key(home / pem), sigstore=logged_by(home / "rekor.pub"))
    inspection = judged(MemoryPlace(manifest, repository=None), policy, documents=(given,))
    assert [each for each in errors(inspection) if each != "signature.missing"] == ([code] if code else [])
    assert bool(inspection.evidence.releases) is (code is None)


def test_a_logged_signature_says_when_and_only_by_a_log_that_is_trusted():
    home = corpus("images/containers-image")
    layer = (home / "cosign-key-rekor-valid/signature-1").read_bytes()
    asked = {"digest": None, "content": None, "now": NOW, "subject": "layer", "signers": [key(home / "cosign2.pub")]}
    proven = verify_attestation(layer, sigstore=logged_by(home / "rekor.pub"), **asked)
    assert proven.signers[0].signed_time.isoformat() == "2023-01-20T21:57:39+00:00"
    with pytest.raises(Refused) as refused:
        verify_attestation(layer, sigstore=logged_by(None), **asked)
    assert codes(refused) == ["log.entry-invalid"]


def logged_by(path):
    """An instance of ours whose one log has the key in `path`."""
    instance = Instance()
    document = instance.root_document()
    if path is not None:
        der = load_pem_public_key(path.read_bytes()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        log = document["tlogs"][0]
        log["publicKey"] |= {"rawBytes": b64(der), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
        log["logId"] = {"keyId": b64(bytes.fromhex(Digest.of(der).value))}
    return SigstoreInstance(name="own", document=json.dumps(document).encode())


@pytest.mark.parametrize("kind", ["sigs", "atts"])
def test_what_a_private_instance_certified_is_nobody_s_for_the_public_roots(kind):
    place = MemoryPlace.of_layout(corpus("images/conforma-testimage"), "dev.cosignproject.cosign/image")
    place.tags = {tag: digest for tag, digest in place.tags.items() if tag.endswith(kind[:3])}
    assert place.tags
    inspection = judged(place, trusting(generator("v1"), attestations=(PROVENANCE,)))
    assert errors(inspection)
    assert not inspection.evidence.undecided
    assert not inspection.evidence.signers


def test_cosign_s_own_bundle_of_an_image_is_by_who_signed_it_and_nobody_else():
    document = (corpus("images") / "cosign-oci-attestation.sigstore.json").read_bytes()
    asked = {"sigstore": PRODUCTION, "digest": None, "content": None, "now": NOW, "subject": "bundle"}
    keyless = KeylessIdentity(issuer="https://github.com/login/oauth", identity="cody@soyland.com")
    proven = verify_attestation(document, signers=[Signer(name="c", kid="c", keyless=keyless)], **asked)
    statement = json.loads(proven.payload)
    assert statement["subject"][0]["name"] == "127.0.0.1:60943/repo"
    with pytest.raises(Refused) as refused:
        verify_attestation(document, signers=[generator("v1")], **asked)
    assert codes(refused) == ["signer.untrusted"]
