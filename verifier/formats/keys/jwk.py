"""JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037): one key, or a set of exactly one.

* a key for encryption, one that may not verify, and a symmetric one are refused; so is one with private members,
  which are never repeated
* `alg` is what the key is for, and has to go with it
* members that would bound the key's life (`exp`, `nbf`, `revoked`) are refused: the policy has words for that
* `kid`, certificates and members that nobody knows here count for nothing, and are named
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from verifier.core.errors import Refused
from verifier.formats.base64_text import decode
from verifier.formats.json import strict_json
from verifier.formats.keys.curves import coordinate_bytes, key_at
from verifier.formats.keys.spki import ed25519_key, other_curve, other_key, private, rsa_key
from verifier.formats.keys.text import NoPublicKeyError, PublicKeyText, pem_of

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: Final = {"P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}
_NEEDED: Final = {"EC": ("crv", "x", "y"), "RSA": ("n", "e"), "OKP": ("crv", "x")}
_SIZE_DEFAULT: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_BOUNDS: Final = {"exp": "not_after", "nbf": "not_before", "revoked": "revoked"}
_JUDGED: Final = frozenset({"kty", "alg", "use", "key_ops", "crv", "x", "y", "n", "e"})
_MOST_SHOWN: Final = 8
_ALONE: Final = "Give the one key that is meant, in a file of its own."


def read_json(text: str) -> PublicKeyText:
    """The one key in a JSON document; raises `NoPublicKeyError`."""
    try:
        value = strict_json.loads(text.encode(), subject="the key", max_depth=16)
    except Refused as refusal:
        message = f"is JSON that cannot be read as a key: {refusal.reasons[0].message}"
        raise NoPublicKeyError(message[:300], "Give one JWK, or a PEM file.") from refusal
    if isinstance(value, dict) and isinstance(value.get("keys"), list) and "kty" not in value:
        value = _only(value["keys"])
    elif isinstance(value, list):
        value = _only(value)
    if not isinstance(value, dict) or "kty" not in value:
        raise NoPublicKeyError(f"is JSON, and no JWK: {_seen(value)}", "Give one JWK, or a PEM file.")
    return _read(value)


def _only(keys: strict_json.JsonValue) -> strict_json.JsonValue:
    if not isinstance(keys, list) or len(keys) != 1:
        count = len(keys) if isinstance(keys, list) else 0
        named = ", ".join(_name(each) for each in (keys if isinstance(keys, list) else [])[:_MOST_SHOWN])
        raise NoPublicKeyError(
            f"is a set of {count} JSON Web Keys{f' ({named})' if named else ''}, expected one", _ALONE
        )
    return keys[0]


def _name(key: strict_json.JsonValue) -> str:
    kid = key.get("kid") if isinstance(key, dict) else None
    return f"kid {kid!r:.60}" if isinstance(kid, str) else "one without a kid"


def _seen(value: strict_json.JsonValue) -> str:
    if not isinstance(value, dict):
        return "no object with `kty`"
    if "keyval" in value:
        return "it is a key as TUF and in-toto's tools keep it (keyval), whose `public` may be PEM"
    if "tlogs" in value or "certificateAuthorities" in value:
        return "it is Sigstore's trusted root, which --trusted-root takes"
    return "`kty` is missing"


def _read(key: Mapping[str, strict_json.JsonValue]) -> PublicKeyText:
    kty = key["kty"]
    if kty == "oct":
        raise NoPublicKeyError(
            "is a symmetric key (a JWK of type oct), expected a public one",
            "Whoever can verify with it can sign with it: it is a `secret`, given as its bytes, for HS256.",
        )
    if held := sorted(_PRIVATE & key.keys()):
        hint = f"Leave out {', '.join(held)}"
        raise private("a private key (a JWK with its private members)", hint)
    if not isinstance(kty, str) or kty not in _NEEDED:
        raise other_key(f"JWK {kty!r:.40} (EC, RSA and OKP are, with capitals)")
    _require_verifying(key)
    members = {name: _text(key, name) for name in _NEEDED[kty]}
    der, fit = _MAKERS[kty](members)
    ignored = tuple(
        f"{name} {value!r:.60}" if name == "kid" else name for name, value in key.items() if name not in _JUDGED
    )
    return PublicKeyText(pem=pem_of(der), algorithms=_algorithms(key, fit), ignored=ignored)


def _require_verifying(key: Mapping[str, strict_json.JsonValue]) -> None:
    for name, word in _BOUNDS.items():
        if name in key:
            message = f"is a JWK that says {name}, which a key file does not decide here"
            raise NoPublicKeyError(message, f"Leave {name} out, and say `{word}` beside `key` in the policy.")
    use, operations = key.get("use", "sig"), key.get("key_ops", ["verify"])
    if use != "sig":
        raise NoPublicKeyError(f"is a JWK for the use {use!r:.40}, expected sig", _ALONE)
    if not isinstance(operations, list) or "verify" not in operations:
        raise NoPublicKeyError(f"is a JWK whose key_ops are {operations!r:.80}, expected verify", _ALONE)


def _algorithms(key: Mapping[str, strict_json.JsonValue], fit: tuple[str, ...]) -> tuple[str, ...]:
    """What `alg` says, unless it is what the key would be for anyway: one key has one form."""
    stated = key.get("alg")
    if stated is None:
        return ()
    named = "EdDSA" if stated == "Ed25519" else stated
    if not isinstance(named, str) or named not in fit:
        raise NoPublicKeyError(f"is a JWK whose alg is {stated!r:.40}, expected one of {', '.join(fit)} for such a key")
    return () if named == fit[0] else (named,)


def _text(key: Mapping[str, strict_json.JsonValue], name: str) -> str:
    value = key.get(name)
    if not isinstance(value, str) or not value:
        raise NoPublicKeyError(f"is a JWK of type {key['kty']} without its member {name!r}")
    return value


def _ec(members: Mapping[str, str]) -> tuple[bytes, tuple[str, ...]]:
    name = members["crv"]
    curve = _CURVES.get(name)
    if curve is None:
        raise other_curve(repr(name[:40]))
    x, y = (_bytes(members, each) for each in ("x", "y"))
    size = coordinate_bytes(curve)
    if (len(x), len(y)) != (size, size):
        raise NoPublicKeyError(f"is a JWK over {name} with coordinates of {len(x)} and {len(y)} bytes, expected {size}")
    return key_at(curve, int.from_bytes(x, "big"), int.from_bytes(y, "big")), (_SIZE_DEFAULT[name],)


def _rsa(members: Mapping[str, str]) -> tuple[bytes, tuple[str, ...]]:
    modulus, exponent = (int.from_bytes(_bytes(members, each), "big") for each in ("n", "e"))
    return rsa_key(modulus, exponent), _RSA_ALGORITHMS


def _okp(members: Mapping[str, str]) -> tuple[bytes, tuple[str, ...]]:
    if members["crv"] != "Ed25519":
        raise other_key(repr(members["crv"][:40]))
    return ed25519_key(_bytes(members, "x")), ("EdDSA",)


def _bytes(members: Mapping[str, str], name: str) -> bytes:
    text = members[name]
    if "=" in text or "+" in text or "/" in text:
        raise NoPublicKeyError(f"is a JWK whose {name} is not in base64url without padding (RFC 7515)")
    try:
        return decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise NoPublicKeyError(f"is a JWK whose {name} {error}") from error


_MAKERS: Final = {"EC": _ec, "RSA": _rsa, "OKP": _okp}
