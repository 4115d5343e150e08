"""What a signature is that does not verify as its key is said to sign: by that very key, with another hash or padding.

* nothing is believed for it: the answer is for people, who would otherwise look for whoever changed the bytes
* a few keys are tried, once each way
* asked only where a signature has not verified
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from verifier.core.outcome import Reason
from verifier.signatures import keys

if TYPE_CHECKING:
    from verifier.signatures.candidates import Attempt

_MOST_KEYS: Final = 8
_HASHES: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA1(), hashes.SHA224())  # noqa: S303 - to be named
_WEAK: Final = {"sha1", "sha224"}
_SHOWN: Final = {"sha1": "SHA-1", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def otherwise_made(trial: Iterable[Attempt], message: bytes, signature: bytes, subject: str) -> Reason | None:
    """How one of the keys in `trial` has made `signature` over `message` after all, and why that does not count."""
    tried: set[str] = set()
    for candidate, _ in trial:
        if candidate.fingerprint in tried or isinstance(candidate.key, bytes) or len(tried) == _MOST_KEYS:
            continue
        tried.add(candidate.fingerprint)
        if found := making_of(candidate.key, message, signature):
            way, name = found
            text = (
                f"the signature is by the key of {candidate.signer.name} with {way}, which that signer is not for "
                f"({', '.join(candidate.algorithms)})"
            )
            return _mismatch(text, name, subject)
    return None


def made_by_certificate(key: keys.PublicKey, message: bytes, signature: bytes, subject: str) -> Reason | None:
    """The same of a certificate's key."""
    if found := making_of(key, message, signature):
        return _mismatch(f"the signature is by the certificate's key with {found[0]}", found[1], subject)
    return None


def making_of(key: keys.PublicKey, message: bytes, signature: bytes) -> tuple[str, str] | None:
    """How `key` made `signature` over `message`, in words, and its name in a policy ("" where it may have none); None
    where the key did not make it in any way that is known here."""
    match key:
        case rsa.RSAPublicKey():
            return next(_made_by_rsa(key, message, signature), None)
        case ec.EllipticCurvePublicKey():
            return next(_made_by_ecdsa(key, message, signature), None)
        case _:
            return None


def _made_by_rsa(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> Iterator[tuple[str, str]]:
    for used in _HASHES:
        size = "" if used.name in _WEAK else used.name.removeprefix("sha")
        for name, filled in (("RS", padding.PKCS1v15()), ("PS", padding.PSS(padding.MGF1(used), padding.PSS.AUTO))):
            try:
                key.verify(signature, message, filled, used)
            except (InvalidSignature, UnsupportedAlgorithm, ValueError):
                continue
            way = f"RSA{'-PSS' if name == 'PS' else ''} and {_SHOWN[used.name]}"
            # A salt of another length than the hash's counts for nobody: then the name is of no help.
            exact = bool(size) and keys.verify(key, f"{name}{size}", message, signature)
            yield way if exact or name == "RS" else f"{way}, and a salt of an unusual length", f"{name}{size}" * exact


def _made_by_ecdsa(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> Iterator[tuple[str, str]]:
    own, size = keys.algorithms_of(key)[0], (key.curve.key_size + 7) // 8
    readings = [signature]
    if len(signature) == 2 * size:
        r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
        readings.append(encode_dss_signature(r, s))
    for used in _HASHES:
        for reading in readings:
            try:
                key.verify(reading, message, ec.ECDSA(used))
            except (InvalidSignature, UnsupportedAlgorithm, ValueError):
                continue
            name = f"{own} with {_SHOWN[used.name]}"
            way = (
                f"ECDSA over {_CURVES[key.curve.name]} and {_SHOWN[used.name]}, a hash that does not go with the curve"
            )
            yield way, name if name in keys.algorithms_of(key) else ""


def _mismatch(text: str, name: str, subject: str) -> Reason:
    if "with" in name:
        hint = (
            "The bytes are as they were signed: cosign before 2.6 and keys in a KMS sign so, which is deprecated. "
            f'Sign with the hash of the curve, or say aloud that this one counts: algorithms = ["{name}"].'
        )
    elif name:
        hint = f'If the signer is to sign so, say it: algorithms = ["{name}"], or --algorithm {name}.'
    else:
        hint = "Sign again with a hash that goes with the key (SHA-256 or longer, and the curve's own for ECDSA)."
    return Reason(code="signature.algorithm-mismatch", subject=subject, message=text, hint=hint)
