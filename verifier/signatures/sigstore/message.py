"""What a signature in a bundle is over: an envelope's encoding, an artifact, or an artifact of which only the digest
is at hand.

* the signature of something else (an envelope, a token, a checkpoint) is never that of an artifact with its bytes
* what the bundle says of the artifact's digest has to be right, and counts for nothing else
* a digest stands in for its content only with the algorithms that sign that digest
* the hash goes with the key's curve (Sigstore's algorithm registry); a certificate's ECDSA key may also sign with
  SHA-256, which early clients used with every curve: deprecated, and said to be
"""

from __future__ import annotations

import hashlib
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse, reject
from verifier.core.value import Value, field
from verifier.formats.intoto.dsse import Envelope, pae
from verifier.formats.sigstore.bundle import HASH_NAMES, BundleContent
from verifier.signatures import keys
from verifier.signatures.domains import signing_input_of

_SIGNED: Final = frozenset(HASH_NAMES.values())


class SignedMessage(Value):
    """The bytes that were signed, or None where only `digest` of them is known."""

    content: bytes | None = field(repr=False)
    digest: Digest

    def hash(self, algorithm: str) -> str | None:
        """The hash of the message in hex, or None where it cannot be known."""
        if algorithm == self.digest.algorithm:
            return self.digest.value
        return None if self.content is None else hashlib.new(algorithm, self.content).hexdigest()

    def can_be_verified(self, algorithm: str) -> bool:
        """Whether what is at hand is enough for `algorithm`."""
        return self.content is not None or keys.hash_of(algorithm) == self.digest.algorithm

    def certificate_algorithm(self, key: keys.PublicKey, signature: bytes) -> str | None:
        """The algorithm with which `signature` is that of a certificate's key, or None where there is none."""
        default, *others = keys.algorithms_of(key)
        tried = (default, *filter(keys.is_deprecated, others))
        return next((each for each in tried if self.is_signed(key, each, signature)), None)

    def is_signed(self, key: keys.PublicKey, algorithm: str, signature: bytes) -> bool:
        """Whether `signature` is the key's, made with `algorithm`."""
        if self.content is not None:
            return keys.verify(key, algorithm, self.content, signature, accept_der=True)
        if not self.can_be_verified(algorithm):
            return False
        digest = bytes.fromhex(self.digest.value)
        return keys.verify(key, algorithm, digest, signature, accept_der=True, is_digest=True)


def message_of(content: BundleContent, *, digest: Digest | None, artifact: bytes | None, subject: str) -> SignedMessage:
    """What the signature of a bundle with `content` must be over; an envelope carries it, an artifact is given."""
    if isinstance(content, Envelope):
        encoded = pae(content.payload_type, content.payload)
        return SignedMessage(content=encoded, digest=Digest.of(encoded))
    if artifact is not None:
        if (other := signing_input_of(artifact)) is not None:
            text = f"the artifact is {other}, whose signature is no signature of a file"
            raise refuse("signature.unsupported", subject, text)
        message = SignedMessage(content=artifact, digest=Digest.of(artifact))
    elif digest is not None and _is_whole(digest):
        message = SignedMessage(content=None, digest=digest)
    else:
        seen = "nothing" if digest is None else f"a {digest.algorithm} digest"
        text = f"the bundle signs an artifact, and {seen} was given, expected the artifact or its sha256 digest"
        raise refuse("signature.unsupported", subject, text)
    for stated in (digest, content.digest):
        if stated is not None and stated.algorithm in _SIGNED:
            _require_same(message, stated, subject)
    return message


def _require_same(message: SignedMessage, stated: Digest, subject: str) -> None:
    """Refuse what is said of another artifact, or in a hash that cannot be compared with what is at hand."""
    actual = message.hash(stated.algorithm)
    if actual is None:
        raise _unknown(stated.algorithm, message, subject)
    if actual != stated.value:
        text = f"the signature is for {stated}, the artifact is {stated.algorithm}:{actual}"
        raise reject("attestation.subject-mismatch", subject, text)


def _is_whole(digest: Digest) -> bool:
    """Whether `digest` is one that can have been signed, in full."""
    size = int(digest.algorithm[3:]) // 4 if digest.algorithm in _SIGNED else 0
    return len(digest.value) == size and not digest.value.strip("0123456789abcdef")


def _unknown(algorithm: str, message: SignedMessage, subject: str) -> Refused:
    text = f"the bundle names the artifact by its {algorithm}, and only its {message.digest.algorithm} was given"
    return refuse("signature.unsupported", subject, text, "Give the artifact itself.")
