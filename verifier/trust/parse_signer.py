"""One `[signers.NAME]` table, from text to `Signer`.

* a signer is exactly one of `key`, `secret` and `keyless`
* a private key or a certificate where a public key belongs is an error
* an HMAC signer exists only where the policy names its algorithm, and never from a public key
* a keyless identity is never only wildcards
"""

from __future__ import annotations

from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.formats.toml.table import Table
from verifier.trust import vocabulary
from verifier.trust.named_files import NamedFiles

SIGNER_KEYS = frozenset({"key", "secret", "keyless", "kms", "kid", "algorithms", "revoked", "not_before", "not_after"})
_KINDS = ("key", "secret", "keyless")


def parse_signer(name: str, section: Table, files: NamedFiles) -> Signer:
    """The signer that `section` writes down; raises `ConfigurationError`."""
    kind = _kind(section)
    not_before, not_after = section.moment("not_before"), section.moment("not_after")
    if not_before is not None and not_after is not None and not_after < not_before:
        raise section.error("not_after", "lies before not_before: the signer would never be valid")
    algorithms = _algorithms(section, kind)
    return Signer(
        name=name,
        kid=section.optional_text("kid") or name,
        public_key=_public_key(section, files) if kind == "key" else None,
        secret=_secret(section, files, algorithms) if kind == "secret" else None,
        keyless=_keyless(section) if kind == "keyless" else None,
        algorithms=algorithms,
        not_before=not_before,
        not_after=not_after,
        revoked=section.flag("revoked", default=False),
    )


def _kind(section: Table) -> str:
    if "kms" in section.values:
        hint = "export the public key to a PEM file and name it with `key`"
        raise section.error("kms", "is not supported by this release", hint)
    given = [kind for kind in _KINDS if kind in section.values]
    if len(given) == 1:
        return given[0]
    seen = " and ".join(given) if given else "none of them"
    raise section.source.error(section.path, f"{section.spelled} must have one of {', '.join(_KINDS)}, and has {seen}")


def _algorithms(section: Table, kind: str) -> tuple[str, ...]:
    if "algorithms" not in section.values:
        if kind == "secret":
            raise section.error("secret", 'needs `algorithms = ["HS256"]` beside it: HMAC has to be asked for by name')
        return ()
    if kind == "keyless":
        raise section.error("algorithms", "has no effect on a keyless signer: the certificate's key has its own")
    names = section.texts("algorithms")
    return section.checked("algorithms", lambda: vocabulary.check_algorithms(names, secret=kind == "secret"))


def _public_key(section: Table, files: NamedFiles) -> bytes:
    path = section.required_text("key", vocabulary.check_path)
    pem = files.read(section, "key", path)
    return section.checked("key", lambda: vocabulary.check_public_key(pem))


def _secret(section: Table, files: NamedFiles, algorithms: tuple[str, ...]) -> bytes:
    path = section.required_text("secret", vocabulary.check_path)
    secret = files.read(section, "secret", path)
    return section.checked("secret", lambda: vocabulary.check_secret_length(secret, algorithms))


def _keyless(section: Table) -> KeylessIdentity:
    table = section.required_table("keyless", frozenset({"issuer", "identity", "claims"}))
    claims = table.table("claims", frozenset(vocabulary.CLAIMS))
    return KeylessIdentity(
        issuer=table.required_text("issuer", vocabulary.check_issuer),
        identity=table.required_text("identity", vocabulary.check_glob),
        claims=() if claims is None else tuple((name, claims.text(name)) for name in sorted(claims.values)),
    )
