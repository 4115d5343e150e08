"""Keyless signers: the identity that a policy names, and what a certificate says of its holder."""

from __future__ import annotations

from verifier.core.globs import glob_matches
from verifier.core.signers.identities import IdentityKind, kind_of, width
from verifier.core.value import Value


class CertificateClaims(Value):
    """What a Sigstore certificate says of its holder: Fulcio's extensions, 1.3.6.1.4.1.57264.1.1 to .22.

    `identity` is the subject alternative name, `kind` which of its kinds that is ("URI", "e-mail address", "user
    name"), None where nobody has looked. A claim that the certificate does not make is None.
    Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
    """

    issuer: str
    identity: str
    kind: IdentityKind | None = None
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


class KeylessIdentity(Value):
    """A Sigstore identity: the OIDC issuer, exactly; the certificate's subject alternative name, exactly or as
    a glob; and claims of the certificate that must hold, likewise (names as in a policy: "repository", ...).

    An identity is of one kind (`identities.kind_of`), and matches no name of another that reads like it. `regexps` are
    the names of those of its fields that are regular expressions ("issuer", "identity"), None where none is; one that
    is not taken, or could be anybody's, is a `ValueError`.
    """

    issuer: str
    identity: str
    claims: tuple[tuple[str, str], ...] = ()
    regexps: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.regexps:
            self.issuers()
            self.globs()

    def differences(self, claims: CertificateClaims) -> tuple[str, ...]:
        """What of `claims` is not what this identity asks for; nothing where the certificate is of this identity."""
        found = []
        if claims.issuer not in self.issuers():
            found.append(f"issuer is {claims.issuer!r}, wanted {self._wanted('issuer', self.issuer)}")
        kind = kind_of(self.globs()[0])
        if claims.kind is not None and kind is not None and claims.kind != kind:
            found.append(f"identity is the {claims.kind} {claims.identity!r}, wanted a {kind}")
        if not self._means(claims.identity):
            case = _case(self.identity, claims.identity) if "identity" not in (self.regexps or ()) else ""
            found.append(f"identity is {claims.identity!r}, wanted {self._wanted('identity', self.identity)}{case}")
        for name, wanted in self.claims:
            seen = claims.claim(name)
            if seen is None or not glob_matches(wanted, seen):
                found.append(
                    f"{name} is {'absent' if seen is None else repr(seen)}, wanted {wanted!r}{_case(wanted, seen)}"
                )
        return tuple(found)

    def issuers(self) -> tuple[str, ...]:
        """Those that it may be of; raises `ValueError` for an expression that is none."""
        if "issuer" not in (self.regexps or ()):
            return (self.issuer,)
        from verifier.core.regexps.pinned import issuers_meant  # noqa: PLC0415 - only for who writes expressions

        return issuers_meant(self.issuer)

    def globs(self) -> tuple[str, ...]:
        """Patterns that nothing is outside of that it means; raises `ValueError` for an expression that is none."""
        if "identity" not in (self.regexps or ()):
            return (self.identity,)
        from verifier.core.regexps.pinned import patterns_of  # noqa: PLC0415 - as above

        return patterns_of(self.identity)

    def width(self) -> str:
        """Who else than one it means, in a few words; "" where it is narrow."""
        return next(filter(None, map(width, self.globs())), "")

    def unpinned(self) -> str:
        """What of the repository or owner that it names it leaves open, in a few words; "" where nothing, or where it
        names none."""
        named = dict(self.claims)
        if not {"repository", "owner"} & named.keys():
            return ""
        file, _, ref = self.identity.partition("@")
        opened = [] if "*" not in file or "workflow" in named else ["any workflow"]
        if "ref" not in named and (not ref or "*" in ref):
            opened.append("any ref")
        return " at ".join(opened)

    def remarks(self) -> tuple[str, ...]:
        """What is to be said of how its expressions are read."""
        if not self.regexps:
            return ()
        from verifier.core.regexps.pinned import remarks  # noqa: PLC0415 - as above

        return tuple(said for name in self.regexps for said in remarks(getattr(self, name)))

    def _means(self, identity: str) -> bool:
        if "identity" not in (self.regexps or ()):
            return glob_matches(self.identity, identity)
        from verifier.core.regexps.pinned import identity_matches  # noqa: PLC0415 - as above

        return identity_matches(self.identity, identity)

    def _wanted(self, name: str, said: str) -> str:
        return f"the whole to match {said!r}" if name in (self.regexps or ()) else repr(said)


def _case(wanted: str, seen: str | None) -> str:
    """That only small and large letters differ, where that is so: certificates have a name as its owner wrote it."""
    differs = seen is not None and glob_matches(wanted.casefold(), seen.casefold()) and not glob_matches(wanted, seen)
    return ", which differs in case" if differs else ""
