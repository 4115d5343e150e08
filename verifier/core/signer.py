"""Whom a policy names: keys and keyless identities, as values. Only signature back ends prove one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from verifier.core.globs import glob_matches
from verifier.core.outcome import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateClaims:
    """What a Sigstore certificate says of its holder: Fulcio's extensions, 1.3.6.1.4.1.57264.1.1 to .22.

    `identity` is the subject alternative name. A claim that the certificate does not make is None.
    Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
    """

    issuer: str
    identity: str
    build_signer_uri: str | None = None
    build_signer_digest: str | None = None
    runner_environment: str | None = None
    source_repository: str | None = None
    source_digest: str | None = None
    source_ref: str | None = None
    source_repository_id: str | None = None
    source_owner: str | None = None
    source_owner_id: str | None = None
    build_config_uri: str | None = None
    build_config_digest: str | None = None
    build_trigger: str | None = None
    run_invocation: str | None = None
    visibility: str | None = None

    def claim(self, name: str) -> str | None:
        """The claim that a policy calls `name`, or None where the certificate does not make it."""
        named = {
            "repository": self.source_repository,
            "digest": self.source_digest,
            "ref": self.source_ref,
            "owner": self.source_owner,
            "workflow": self.build_config_uri,
            "trigger": self.build_trigger,
            "runner": self.runner_environment,
            "visibility": self.visibility,
        }
        return named.get(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeylessIdentity:
    """A Sigstore identity: the OIDC issuer, exactly; the certificate's subject alternative name, exactly or as
    a glob; and claims of the certificate that must hold, likewise (names as in a policy: "repository", ...)."""

    issuer: str
    identity: str
    claims: tuple[tuple[str, str], ...] = ()

    def differences(self, claims: CertificateClaims) -> tuple[str, ...]:
        """What of `claims` is not what this identity asks for; nothing where the certificate is of this identity."""
        asked = (("identity", self.identity, claims.identity), *((n, w, claims.claim(n)) for n, w in self.claims))
        found = [] if claims.issuer == self.issuer else [f"issuer is {claims.issuer!r}, wanted {self.issuer!r}"]
        for name, wanted, seen in asked:
            if seen is None or not glob_matches(wanted, seen):
                found.append(f"{name} is {'absent' if seen is None else repr(seen)}, wanted {wanted!r}")
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """A signer as the trust policy has it: exactly one of `public_key`, `secret` and `keyless` is set.

    `public_key` is PEM (SubjectPublicKeyInfo), `secret` the bytes of an HMAC key. `kid` is what a JWS `kid`
    or DSSE `keyid` must equal to select this signer; `answers_any_kid` is for keys given on the command line.
    `algorithms` are the JWS names that the key is for; empty means the one that its type defaults to (RSA:
    RS256, P-256: ES256, P-384: ES384, P-521: ES512); HMAC has no default and must be named.
    """

    name: str
    kid: str
    public_key: bytes | None = None
    secret: bytes | None = field(default=None, repr=False)
    keyless: KeylessIdentity | None = None
    algorithms: tuple[str, ...] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked: bool = False
    answers_any_kid: bool = False

    def __post_init__(self) -> None:
        given = [part for part in (self.public_key, self.secret, self.keyless) if part is not None]
        if len(given) != 1:
            raise ValueError("a signer is exactly one of a public key, a secret and a keyless identity")

    def validity(self, now: datetime) -> Reason | None:
        """Why this signer may not be believed at `now`, or None. Ends are inclusive.

        The time is the verifier's, not one that the signature states: whoever stole a key would state an
        early one.
        """
        if self.revoked:
            return Reason(code="signer.revoked", subject=self.name, message=f"signer {self.name!r} is revoked")
        if self.not_before is not None and now < self.not_before:
            message = f"signer {self.name!r} is valid from {self.not_before.isoformat()}, now is {now.isoformat()}"
            return Reason(code="signer.not-yet-valid", subject=self.name, message=message)
        if self.not_after is not None and now > self.not_after:
            message = f"signer {self.name!r} was valid until {self.not_after.isoformat()}, now is {now.isoformat()}"
            return Reason(code="signer.expired", subject=self.name, message=message)
        return None
