"""Keys in DER: SubjectPublicKeyInfo (RFC 5480, RFC 8017, RFC 8410) and PKCS#1, written again in the one usual way.

* an algorithm, a curve or a length that is not supported is named, with what is
* a key that its algorithm identifier keeps to PSS is for PSS alone
* private keys, certificates and stores of keys are named for what they are
"""

from __future__ import annotations

from typing import Final

from verifier.formats.keys import der
from verifier.formats.keys.curves import key_of_point
from verifier.formats.keys.text import (
    ED25519_HEADER,
    MAX_RSA_BITS,
    MIN_RSA_BITS,
    NoPublicKeyError,
    PublicKeyText,
    pem_of,
)

WANTED: Final = "Use RSA of 2048 bits or more, ECDSA over P-256, P-384 or P-521, or Ed25519."
_RSA: Final = bytes.fromhex("2a864886f70d010101")
_RSA_PSS: Final = bytes.fromhex("2a864886f70d01010a")
_EC: Final = bytes.fromhex("2a8648ce3d0201")
_ED25519: Final = bytes.fromhex("2b6570")
_CURVES: Final = {
    bytes.fromhex("2a8648ce3d030107"): "secp256r1",
    bytes.fromhex("2b81040022"): "secp384r1",
    bytes.fromhex("2b81040023"): "secp521r1",
}
_OTHER_CURVES: Final = {
    bytes.fromhex("2b8104000a"): "secp256k1",
    bytes.fromhex("2b81040021"): "P-224",
    bytes.fromhex("2a8648ce3d030101"): "P-192",
    bytes.fromhex("2b2403030208010107"): "brainpoolP256r1",
    bytes.fromhex("2b240303020801010b"): "brainpoolP384r1",
    bytes.fromhex("2b240303020801010d"): "brainpoolP512r1",
    bytes.fromhex("2a811ccf5501822d"): "SM2",
}
_OTHER_KEYS: Final = {
    bytes.fromhex("2a8648ce380401"): "DSA",
    bytes.fromhex("2b6571"): "Ed448",
    bytes.fromhex("2b656e"): "X25519 (which agrees on secrets, and signs nothing)",
    bytes.fromhex("2b656f"): "X448 (which agrees on secrets, and signs nothing)",
    bytes.fromhex("2a864886f70d010301"): "Diffie-Hellman (which agrees on secrets, and signs nothing)",
    bytes.fromhex("608648016503040311"): "ML-DSA-44",
    bytes.fromhex("608648016503040312"): "ML-DSA-65",
    bytes.fromhex("608648016503040313"): "ML-DSA-87",
}
_PSS_HASHES: Final = {
    bytes.fromhex("0609608648016503040201"): "PS256",
    bytes.fromhex("0609608648016503040202"): "PS384",
    bytes.fromhex("0609608648016503040203"): "PS512",
}
_PUBLIC: Final = [der.SEQUENCE, der.BIT_STRING]
_PKCS1: Final = [der.INTEGER, der.INTEGER]
_PKCS1_PRIVATE: Final = [der.INTEGER] * 9
_PRIVATE: Final = (
    [der.INTEGER, der.SEQUENCE, der.OCTET_STRING],  # PKCS#8
    [der.INTEGER, der.OCTET_STRING],  # SEC 1
    [der.SEQUENCE, der.OCTET_STRING],  # PKCS#8, encrypted
    [der.INTEGER, der.SEQUENCE],  # PKCS#12
)
_CERTIFICATE: Final = [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]


def private(what: str = "a private key", hint: str = "") -> NoPublicKeyError:
    """That a private key stands where a public one belongs."""
    derive = hint or "Derive the public one with `openssl pkey -in FILE -pubout`"
    return NoPublicKeyError(
        f"is {what}, expected a public one",
        f"{derive}, and keep this one away from policies; treat it as exposed if it was shared.",
    )


def certificate() -> NoPublicKeyError:
    """That a certificate stands where a public key belongs."""
    return NoPublicKeyError(
        "is a certificate, expected a public key: of a certificate its key alone would count here, and no date or name",
        "Take its key out, if that is to be trusted: openssl x509 -in FILE -pubkey -noout",
    )


def read_der(content: bytes) -> PublicKeyText:
    """The key in DER, of either form; raises `NoPublicKeyError`."""
    outer = der.whole(content)
    parts = der.inside(outer) if outer.tag == der.SEQUENCE else []
    tags = [each.tag for each in parts]
    if tags == _PUBLIC:
        return _subject_key(der.inside(parts[0]), parts[1].content)
    if tags == _PKCS1:
        return PublicKeyText(pem=pem_of(rsa_key(der.number(parts[0]), der.number(parts[1]))))
    if tags[: len(_PKCS1_PRIVATE)] == _PKCS1_PRIVATE or any(tags[: len(each)] == each for each in _PRIVATE):
        raise private("a private key, or a store of one, in DER")
    if tags == _CERTIFICATE:
        raise certificate()
    raise NoPublicKeyError("is DER, and no public key: neither a SubjectPublicKeyInfo nor PKCS#1", WANTED)


def rsa_key(modulus: int, exponent: int) -> bytes:
    """The SubjectPublicKeyInfo of an RSA key that is long enough, and not too long."""
    bits = modulus.bit_length()
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        raise NoPublicKeyError(f"is an RSA key of {bits} bits, expected {MIN_RSA_BITS} to {MAX_RSA_BITS}", WANTED)
    if not 3 <= exponent < modulus or exponent % 2 == 0 or modulus % 2 == 0:
        raise NoPublicKeyError("is no RSA key: its modulus or exponent is none that a key could have")
    pair = der.encoded(der.SEQUENCE, der.encoded_number(modulus), der.encoded_number(exponent))
    algorithm = der.encoded(der.SEQUENCE, der.encoded(der.OBJECT_IDENTIFIER, _RSA), der.encoded(der.NULL))
    return der.encoded(der.SEQUENCE, algorithm, der.encoded(der.BIT_STRING, b"\0", pair))


def ed25519_key(content: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an Ed25519 key."""
    if len(content) != 32:
        raise NoPublicKeyError(f"is no Ed25519 key: it has {len(content)} bytes, expected 32")
    return ED25519_HEADER + content


def other_curve(name: str) -> NoPublicKeyError:
    """That a curve is none of those that are supported."""
    return NoPublicKeyError(f"is a key over the curve {name}, expected P-256, P-384 or P-521", WANTED)


def other_key(name: str) -> NoPublicKeyError:
    """That a kind of key is none of those that are supported."""
    return NoPublicKeyError(f"is a key of type {name}, which is not supported, expected RSA, ECDSA or Ed25519", WANTED)


def _subject_key(algorithm: list[der.Element], bits: bytes) -> PublicKeyText:
    if not algorithm or algorithm[0].tag != der.OBJECT_IDENTIFIER or len(algorithm) > 2 or bits[:1] != b"\0":
        raise NoPublicKeyError("is no SubjectPublicKeyInfo: its algorithm is not written as RFC 5280 says")
    name, parameters, key = algorithm[0].content, algorithm[1:], bits[1:]
    if name in {_RSA, _RSA_PSS}:
        return _rsa(key, _pss(parameters) if name == _RSA_PSS else _plain_rsa(parameters))
    if name == _EC:
        return PublicKeyText(pem=pem_of(_ec(parameters, key)))
    if name == _ED25519 and not parameters:
        return PublicKeyText(pem=pem_of(ed25519_key(key)))
    raise other_key(_OTHER_KEYS.get(name, f"OID {dotted(name)}"))


def _rsa(key: bytes, algorithms: tuple[str, ...]) -> PublicKeyText:
    outer = der.whole(key)
    parts = der.inside(outer) if outer.tag == der.SEQUENCE else []
    if [each.tag for each in parts] != _PKCS1:
        raise NoPublicKeyError("is no RSA key: a modulus and an exponent were expected")
    return PublicKeyText(pem=pem_of(rsa_key(der.number(parts[0]), der.number(parts[1]))), algorithms=algorithms)


def _plain_rsa(parameters: list[der.Element]) -> tuple[str, ...]:
    if parameters not in ([], [der.Element(der.NULL, b"")]):
        raise NoPublicKeyError("is no RSA key: its algorithm has parameters")
    return ()


def _pss(parameters: list[der.Element]) -> tuple[str, ...]:
    """What a key for PSS alone is for: any hash, or the one that it names."""
    if not parameters:
        return tuple(_PSS_HASHES.values())
    found = tuple(name for oid, name in _PSS_HASHES.items() if oid in parameters[0].content)
    if len(found) != 1:
        raise NoPublicKeyError("is an RSA key for PSS with a hash that is not SHA-256, SHA-384 or SHA-512", WANTED)
    return found


def _ec(parameters: list[der.Element], point: bytes) -> bytes:
    if not parameters or parameters[0].tag != der.OBJECT_IDENTIFIER:
        hint = "Write the curve's name: openssl ec -pubin -in FILE -param_enc named_curve"
        raise NoPublicKeyError("is an ECDSA key that spells its curve out instead of naming it", hint)
    oid = parameters[0].content
    if oid not in _CURVES:
        raise other_curve(_OTHER_CURVES.get(oid, f"OID {dotted(oid)}"))
    return key_of_point(_CURVES[oid], point)


def dotted(oid: bytes) -> str:
    """An object identifier as people write it."""
    arcs, value = [], 0
    for byte in oid[:64]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2) if arcs else 0
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]] if arcs else []))
