"""What a signature in a bundle is over: an envelope's encoding, an artifact, or an artifact of which only the digest
is at hand.

* the signature of something else (an envelope, a token, a checkpoint) is never that of an artifact with its bytes
* what the bundle says of the artifact's digest has to be right, and counts for nothing else
* a digest stands in for its content only with the algorithms that sign that digest
* a certificate's ECDSA key signs with its curve's hash, or with SHA-256, which early clients used with every curve
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from verifier.core.digest import Digest
from verifier.core.errors import refuse, reject
from verifier.core.value import Value, field
from verifier.formats.intoto.dsse import Envelope, pae
from verifier.formats.sigstore.bundle import BundleContent
from verifier.signatures import keys
from verifier.signatures.domains import signing_input_of

_PREHASHED = Prehashed(hashes.SHA256())


class SignedMessage(Value):
    """The bytes that were signed, or None where only their digest is known, which is SHA-256's."""

    content: bytes | None = field(repr=False)
    digest: Digest

    def hash(self, algorithm: str) -> str | None:
        """The hash of the message in hex, or None where it cannot be known; SHA-256 always is."""
        if algorithm == self.digest.algorithm:
            return self.digest.value
        return None if self.content is None else hashlib.new(algorithm, self.content).hexdigest()

    def can_be_verified(self, algorithm: str) -> bool:
        """Whether what is at hand is enough for `algorithm`."""
        return self.content is not None or algorithm in ("ES256", "RS256", "PS256")

    def certificate_algorithm(self, key: keys.PublicKey, signature: bytes) -> str | None:
        """The algorithm with which `signature` is that of a certificate's key, or None where there is none."""
        algorithm = keys.algorithms_of(key)[0]
        if self.is_signed(key, algorithm, signature):
            return algorithm
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm != "ES256":
            digest = bytes.fromhex(self.hash("sha256") or "")
            return f"{algorithm} with SHA-256" if _signed_digest(key, algorithm, digest, signature) else None
        return None

    def is_signed(self, key: keys.PublicKey, algorithm: str, signature: bytes) -> bool:
        """Whether `signature` is the key's, made with `algorithm`."""
        if self.content is not None:
            return keys.verify(key, algorithm, self.content, signature, accept_der=True)
        if not self.can_be_verified(algorithm) or algorithm not in keys.algorithms_of(key):
            return False
        return _signed_digest(key, algorithm, bytes.fromhex(self.digest.value), signature)


def message_of(content: BundleContent, *, digest: Digest | None, artifact: bytes | None, subject: str) -> SignedMessage:
    """What the signature of a bundle with `content` must be over; an envelope carries it, an artifact is given."""
    if isinstance(content, Envelope):
        encoded = pae(content.payload_type, content.payload)
        return SignedMessage(content=encoded, digest=Digest.of(encoded))
    if artifact is not None:
        if (other := signing_input_of(artifact)) is not None:
            message = f"the artifact is {other}, whose signature is no signature of a file"
            raise refuse("signature.unsupported", subject, message)
        actual = Digest.of(artifact)
    elif digest is not None and digest.algorithm == "sha256":
        actual = digest
    else:
        seen = "nothing" if digest is None else f"a {digest.algorithm} digest"
        message = f"the bundle signs an artifact, and {seen} was given, expected the artifact or its sha256 digest"
        raise refuse("signature.unsupported", subject, message)
    for stated in (digest if digest and digest.algorithm == "sha256" else None, content.digest):
        if stated is not None and stated != actual:
            message = f"the signature is for {stated}, the artifact is {actual}"
            raise reject("attestation.subject-mismatch", subject, message)
    return SignedMessage(content=artifact, digest=actual)


def _signed_digest(key: keys.PublicKey, algorithm: str, digest: bytes, signature: bytes) -> bool:
    try:
        match key:
            case ec.EllipticCurvePublicKey():
                key.verify(signature, digest, ec.ECDSA(_PREHASHED))
            case rsa.RSAPublicKey() if algorithm == "RS256":
                key.verify(signature, digest, padding.PKCS1v15(), _PREHASHED)
            case rsa.RSAPublicKey():
                pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
                key.verify(signature, digest, pss, _PREHASHED)
            case _:
                return False
    except InvalidSignature:
        return False
    return True
