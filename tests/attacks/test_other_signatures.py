"""The signature of something else, given as that of a file, or of the file's digest."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from tests.support import material
from tests.support.material import NOW, private_key, signer
from tests.support.rules import artifact_rule
from tests.support.stories import codes, policy
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.formats.intoto.dsse import pae
from verifier.signatures import keys
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked

STATEMENT = material.statement("ab" * 32, "https://example.org/t/v1")


def encoded_envelope():
    content = pae(material.IN_TOTO, STATEMENT)
    return content, keys.sign(private_key("p256"), "ES256", content, raw_ecdsa=False)


def token_of_a_bundle():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    content = part({"alg": "ES256", "kid": "p256"}) + b"." + part({"files": [], "scope": "write"})
    return content, keys.sign(private_key("p256"), "ES256", content, raw_ecdsa=False)


def payload_of_an_image():
    content = json.dumps(
        {"critical": {"identity": {}, "image": {}, "type": "cosign container image signature"}}
    ).encode()
    return content, keys.sign(private_key("p256"), "ES256", content, raw_ecdsa=False)


def an_ordinary_file():
    content = b"an application"
    return content, keys.sign(private_key("p256"), "ES256", content, raw_ecdsa=False)


def verify(source, content, signature, *beside):
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    message = {"messageDigest": {"algorithm": "SHA2_256", "digest": digest}}
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "p256"}},
        "messageSignature": message | {"signature": base64.b64encode(signature).decode()},
    }
    documents = (Document(name="file.sigstore.json", content=json.dumps(bundle).encode()), *beside)
    trust = policy(signers=(signer("p256"), signer("p384")))
    rule = artifact_rule(
        "artifact:tool", SignatureRule(threshold=1, from_=("p256", "p384")), version=VersionUnchecked()
    )
    return verify_artifact(
        Request(
            kind="artifact",
            name="tool",
            source=source,
            now=NOW,
            correlation_id="x",
            attestations=documents,
            policy=replace(trust, artifacts=(rule,)),
        )
    ).verdict


@pytest.mark.parametrize("made", [encoded_envelope, token_of_a_bundle, payload_of_an_image])
def test_it_is_no_signature_of_the_file_nor_of_its_digest(made):
    content, signature = made()
    for source in (content, Digest.of(content)):
        assert "signature.unsupported" in codes(verify(source, content, signature))


def test_a_file_s_own_signature_counts_for_the_file_and_for_its_digest_where_a_statement_is_about_that():
    content, signature = an_ordinary_file()
    assert verify(content, content, signature).passed
    assert "signature.unsupported" in codes(verify(Digest.of(content), content, signature))
    about = material.statement(Digest.of(content).value, "https://sigstore.dev/cosign/sign/v1")
    beside = Document(name="a.json", content=material.envelope(about, "p384"))
    assert verify(Digest.of(content), content, signature, beside).passed
