"""What is planned: the same inputs make the same bytes, and evidence is about what it is attached to."""

import json

import pytest

from tests.support.material import private_key
from tests.support.publishing.plans import (
    BUNDLE,
    OTHER_BUNDLE,
    PROVENANCE,
    REPOSITORY,
    SBOM,
    attestation,
    plan,
    statement,
)
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.formats.intoto.dsse import parse_envelope
from verifier.formats.json.write import compact
from verifier.formats.oci.choice import bundle_layer
from verifier.formats.oci.config import parse_config, require_layers
from verifier.formats.oci.manifest import OCI_MANIFEST, parse_manifest
from verifier.formats.sigstore.bundle import KeyHint, parse_bundle
from verifier.publish.attest import attest
from verifier.publish.push.attach import Scheme
from verifier.publish.push.bundle import bundle_part
from verifier.publish.push.evidence import evidence_in, require_about, wrapped
from verifier.publish.push.legacy import simple_signing
from verifier.publish.push.referrers import referrer


def content_of(blob):
    return b"".join(blob.pieces())


def test_a_bundle_is_one_layer_of_the_type_that_opa_takes():
    part = bundle_part(BUNDLE)
    manifest = parse_manifest(part.manifest.content, content_type=OCI_MANIFEST, subject="s")
    assert bundle_layer(manifest, subject="s").digest == Digest.of(BUNDLE)
    assert content_of(part.blobs[1]) == BUNDLE


def test_the_config_is_an_images_that_says_its_layer():
    part = bundle_part(BUNDLE)
    config = parse_config(content_of(part.blobs[0]), subject="s")
    require_layers(config, 1, subject="s")
    assert str(config.platform) == "unknown/unknown"


def test_a_plan_is_the_same_each_time():
    assert plan(BUNDLE).referrers[0].part.manifest == plan(BUNDLE).referrers[0].part.manifest
    assert plan(BUNDLE).subject == plan(BUNDLE).subject != plan(OTHER_BUNDLE).subject


def test_the_bytes_of_a_plan_are_these():
    """A digest that changes from one release to the next would push everything anew."""
    assert str(plan(BUNDLE).subject.digest) == "sha256:fa898179949f064ca79fa067918bb0ded25f456c5fabd9e1577f3d584e5cd607"


def test_annotations_are_sorted_and_in_the_manifest():
    part = bundle_part(BUNDLE, annotations=(("z", "1"), ("a", "2")))
    assert part.manifest.digest == bundle_part(BUNDLE, annotations=(("a", "2"), ("z", "1"))).manifest.digest
    assert json.loads(part.manifest.content)["annotations"] == {"a": "2", "z": "1"}


def test_no_time_is_written_unless_it_is_asked_for():
    written = plan(BUNDLE)
    assert b"created" not in written.referrers[0].part.manifest.content + written.parts[0].manifest.content
    (evidence,) = evidence_in(attestation(written.subject.digest))
    dated = referrer(evidence, written.subject, created="2026-11-21T12:00:00Z").part.manifest
    assert json.loads(dated.content)["annotations"]["org.opencontainers.image.created"] == "2026-11-21T12:00:00Z"


def test_an_envelope_becomes_the_referrer_that_cosign_writes():
    written = plan(BUNDLE)
    document = json.loads(written.referrers[0].part.manifest.content)
    assert document["artifactType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert document["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert document["subject"]["digest"] == str(written.subject.digest)
    assert document["annotations"] == {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": PROVENANCE,
    }
    bundle = parse_bundle(content_of(written.referrers[0].part.blobs[1]), subject="s")
    assert bundle.material == KeyHint(hint="p256")


def test_what_was_signed_stays_as_it_was():
    document = attestation(plan(BUNDLE).subject.digest)
    (evidence,) = evidence_in(document)
    bundle = parse_bundle(evidence.content, subject="s")
    assert json.loads(document.content)["payload"].encode() in evidence.content
    assert evidence.envelope == document.content
    assert bundle.content.signatures[0].keyid == "p256"


def test_each_signature_of_an_envelope_gets_a_bundle_of_its_own():
    one, other = (json.loads(attestation(plan(BUNDLE).subject.digest, key=key).content) for key in ("p256", "ed25519"))
    both = one | {"signatures": [*one["signatures"], *other["signatures"]]}
    found = evidence_in(Document(name="both.json", content=json.dumps(both).encode()))
    assert [parse_bundle(each.content, subject="s").material.hint for each in found] == ["p256", "ed25519"]


def test_a_bundle_is_attached_as_it_is():
    (content,) = wrapped(parse_envelope(attestation(plan(BUNDLE).subject.digest).content, subject="s"))
    (evidence,) = evidence_in(Document(name="b", content=content))
    assert evidence.content == content


def test_several_attestations_in_one_file_are_attached_one_by_one():
    lines = b"".join(attestation(plan(BUNDLE).subject.digest, predicate_type=f"https://a/{n}").content for n in "ab")
    found = evidence_in(Document(name="a.jsonl", content=lines))
    assert [each.predicate_type for each in found] == ["https://a/a", "https://a/b"]


def test_an_unsigned_sbom_is_attached_as_what_it_is_and_called_unsigned():
    (evidence,) = evidence_in(SBOM)
    assert (evidence.media_type, evidence.what) == ("application/vnd.cyclonedx+json", "SBOM (CycloneDX), unsigned")
    assert evidence.content == SBOM.content
    assert evidence.file_name == "sbom.cdx.json"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (compact(statement(Digest.of(BUNDLE))).encode(), "signature.missing"),
        (b'{"buildDefinition": {}, "runDetails": {}}', "signature.missing"),
        (b'{"schema": "verifier/report/v1"}', "signature.missing"),
        (b"\x1f\x8b\x08", "attestation.invalid"),
        (b"{}", "attestation.invalid"),
        (b"", "attestation.invalid"),
        (b"[]", "attestation.invalid"),
        (b'{"payloadType": "text/plain", "payload": "", "signatures": [{"sig": "AA=="}]}', "signature.unsupported"),
    ],
)
def test_what_is_no_evidence_is_not_attached(content, code):
    with pytest.raises(Refused) as refused:
        evidence_in(Document(name="x", content=content))
    assert refused.value.reasons[0].code == code


def test_a_signature_over_bytes_is_not_attached_because_nobody_finds_it_there():
    (bundle,) = evidence_in(attestation(plan(BUNDLE).subject.digest))
    changed = json.loads(bundle.content)
    del changed["dsseEnvelope"]
    changed["messageSignature"] = {"signature": "AAAA"}
    with pytest.raises(Refused, match=r"signature\.unsupported"):
        evidence_in(Document(name="x", content=json.dumps(changed).encode()))


def test_evidence_of_something_else_is_refused():
    found = evidence_in(attestation(Digest.of(OTHER_BUNDLE)))
    with pytest.raises(Refused, match=r"attestation\.subject-mismatch"):
        require_about(found, plan(BUNDLE).subject.digest, Digest.of(BUNDLE))


def test_evidence_of_the_manifest_or_of_the_bundle_in_it_is_attached():
    subject = plan(BUNDLE).subject.digest
    for about in (subject, Digest.of(BUNDLE)):
        require_about(evidence_in(attestation(about)), subject, Digest.of(BUNDLE))
    require_about(evidence_in(SBOM), subject, None)


def test_the_old_scheme_has_no_form_for_what_nobody_signed():
    assert len(plan(BUNDLE, scheme=Scheme.BOTH).appended) == 1
    with pytest.raises(ConfigurationError, match="nobody signed"):
        plan(BUNDLE, SBOM, scheme=Scheme.LEGACY)


def test_the_old_payload_names_digest_and_repository_and_nothing_else():
    digest = plan(BUNDLE).subject.digest
    said = json.loads(simple_signing(digest, repository=REPOSITORY))
    assert said == {
        "critical": {
            "identity": {"docker-reference": REPOSITORY},
            "image": {"docker-manifest-digest": str(digest)},
            "type": "cosign container image signature",
        },
        "optional": None,
    }
    assert json.loads(simple_signing(digest, repository=REPOSITORY, claims=[("a", "b")]))["optional"] == {"a": "b"}


def test_a_key_signs_the_same_the_same_way():
    """Or each run would attach one more signature."""
    for name in ("p256", "p384", "ed25519", "rsa"):
        one, other = (attest(statement(Digest.of(BUNDLE)), key=private_key(name)) for _ in range(2))
        assert one == other
