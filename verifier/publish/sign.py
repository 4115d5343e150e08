"""Signing a bundle the way `opa sign` does, with the time and the expiry that OPA leaves out.

* the `.signatures.json` has OPA's layout: OPA verifies it, and ignores `iat` and `exp`
* every other member keeps its bytes, headers included
* only what strict reading accepts is signed
* an existing signature is replaced
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from verifier.archives.archive import read_archive
from verifier.archives.pack import replace_member
from verifier.core.clock import EPOCH
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS, MAX_SIGNATURES, Limits
from verifier.core.reading import ReadingMode
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import compact, indented
from verifier.formats.opa.jws import parse_compact, serialize, signing_input
from verifier.kinds.bundle.artifact import SIGNATURES_FILE, read_bundle
from verifier.signatures import keys
from verifier.signatures.opa_jws import SignedFile

DIGEST_ALGORITHM: Final = "SHA-256"
"""The one that `opa sign` writes."""


def sign_bundle(  # noqa: PLR0913 - keyword-only, as on the command line
    content: bytes,
    *,
    key: keys.PrivateKey | bytes,
    algorithm: str,
    keyid: str | None,
    scope: str | None,
    now: datetime,
    expires: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The bundle `content` with a signature inside; `key` as bytes is an HMAC secret."""
    bundle = read_bundle(content, name="bundle", resource_uri="", limits=limits, mode=ReadingMode.STRICT)
    files = [
        SignedFile(name=file.name, hash=file.digest(DIGEST_ALGORITHM), algorithm=DIGEST_ALGORITHM)
        for file in bundle.files
    ]
    document = opa_signatures_document(
        files, key=key, algorithm=algorithm, keyid=keyid, scope=scope, now=now, expires=expires
    )
    archive = read_archive(content, limits=limits, mode=ReadingMode.STRICT, subject="bundle")
    return replace_member(archive, SIGNATURES_FILE, document)


def signers_inside(content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """Who has signed inside the bundle, as the signatures say themselves (key ids, or "an unnamed key")."""
    archive = read_archive(content, limits=limits, mode=ReadingMode.STRICT, subject="bundle")
    found = next((each for each in archive.members if each.path.removeprefix("/") == SIGNATURES_FILE), None)
    if found is None:
        return ()
    try:
        document = strict_json.loads(bytes(found.content), subject=SIGNATURES_FILE)
        tokens = Fields.of(document, code="signature.invalid", subject=SIGNATURES_FILE).texts(
            "signatures", most=MAX_SIGNATURES
        )
        named = [parse_compact(each, subject=SIGNATURES_FILE, mode=ReadingMode.OPA_COMPAT).kid for each in tokens]
    except Refused:
        return ("a key that cannot be told",)
    return tuple(kid or "a key without a name" for kid in named)


def opa_signatures_document(
    files: Iterable[SignedFile],
    *,
    key: keys.PrivateKey | bytes,
    algorithm: str,
    keyid: str | None,
    scope: str | None,
    now: datetime,
    expires: datetime | None = None,
) -> bytes:
    """The bytes of a `.signatures.json` over `files`, laid out as `opa sign` does."""
    if expires is not None and expires <= now:
        raise ConfigurationError(f"the signature would expire at {expires.isoformat()}, before it is made")
    if now < EPOCH:
        raise ConfigurationError(f"a signature states its time in seconds since 1970, and it is {now.isoformat()}")
    header = {"alg": algorithm, "typ": "JWT"}
    claims: dict[str, Any] = {
        "files": [{"name": each.name, "hash": each.hash, "algorithm": each.algorithm} for each in files],
        "iat": int(now.timestamp()),
    }
    if expires is not None:
        claims["exp"] = int(expires.timestamp())
    if scope:
        claims["scope"] = scope
    if keyid:
        # OPA's older releases look for the claim, its newer ones for the header.
        claims["keyid"] = header["kid"] = keyid
    payload = compact(dict(sorted(claims.items())), ascii_only=False).encode()
    signed = signing_input(header, payload)
    token = serialize(signed, _sign(key, algorithm, signed))
    return indented({"signatures": [token]}, 1).encode()


def _sign(key: keys.PrivateKey | bytes, algorithm: str, message: bytes) -> bytes:
    if not isinstance(key, bytes):
        return keys.sign(key, algorithm, message, raw_ecdsa=True)
    if algorithm not in keys.HMAC_ALGORITHMS:
        raise ConfigurationError(f"a shared secret cannot sign with {algorithm}, only with HS256, HS384 or HS512")
    return keys.authenticate(key, algorithm, message)
