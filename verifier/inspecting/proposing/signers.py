"""Whom a proposed policy would believe: everybody who claims to have signed, and nobody of them yet.

* a signer is believed only as far as somebody has said so: by giving the key, or the identity; whoever the artifact
  itself names is `revoked` until a person deletes that line
* what has to be confirmed elsewhere stands beside it: the key's fingerprint, the identity, its issuer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, field
from verifier.inspecting.inspected import Claim, Inspected, Signature
from verifier.trust import vocabulary
from verifier.trust.template import quote

MAX_SIGNERS: Final = 16
UNCONFIRMED: Final = "revoked = true  # delete this line once you have confirmed it, and not before"
_DEFAULT: Final = {"RS256", "ES256", "ES384", "ES512", "EdDSA", ""}


class Known(Value):
    """What somebody has said beside the reference: a key, as the policy is to name it, or a keyless identity."""

    key: str | None = None
    pem: bytes | None = field(default=None, repr=False)
    fingerprint: str = ""
    identity: str = ""
    issuer: str = ""


class Proposed(Value):
    """A signer: its name, its table, and the key to be written, if the artifact holds it. `confirmed` says that it is
    what somebody gave."""

    name: str
    lines: tuple[str, ...]
    confirmed: bool
    key: tuple[str, bytes] | None = field(default=None, repr=False)


def proposed_signers(seen: Inspected, known: Known) -> tuple[Proposed, ...]:
    """The signers; raises `ConfigurationError` where there is nobody, or nobody who was given."""
    signatures = _distinct(seen.described.claims)
    if not signatures:
        message = "nobody claims to have signed it, so that there is nobody to believe"
        raise ConfigurationError(message, where="--from", hint="Sign it first: `verify sign`, or `cosign sign`.")
    if known.pem is not None:
        signatures = _of_one_key(signatures, known)
    found = [each for at, item in enumerate(signatures, 1) if (each := _proposed(item, at, known)) is not None]
    if not found:
        hint = "Get the signer's public key from the signer, and give it with --key."
        raise ConfigurationError("what was signed names no key and no identity", where="--key", hint=hint)
    if (known.identity or known.pem) and not any(each.confirmed for each in found):
        raise ConfigurationError(_nobody(known, signatures), where="--from")
    return tuple(each for each in found if each.confirmed) or tuple(found)


def _distinct(claims: Iterable[Claim]) -> Sequence[Signature]:
    found: dict[tuple[str, str, str], Signature] = {}
    for each in (signature for claim in claims for signature in claim.signatures):
        name = (each.identity, each.issuer, "") if each.identity else ("", each.fingerprint, each.kid)
        found.setdefault(name, each)
    return list(found.values())[:MAX_SIGNERS]


def _of_one_key(signatures: Sequence[Signature], known: Known) -> Sequence[Signature]:
    """Those that may be by the key that was given, as one: of several kids none is known to be its."""
    likely = [each for each in signatures if not each.identity and each.fingerprint in {"", known.fingerprint}]
    if not likely:
        raise ConfigurationError(_nobody(known, signatures), where="--from")
    return [likely[0] if len(likely) == 1 else Signature(form=likely[0].form)]


def _nobody(known: Known, signatures: Sequence[Signature]) -> str:
    claimed = ", ".join(each.identity or each.fingerprint or each.kid or "nobody" for each in signatures)
    wanted = known.identity or f"the key sha256:{known.fingerprint}"
    return f"{wanted} has not claimed to sign it; these have: {claimed[:500]}"


def _proposed(signature: Signature, at: int, known: Known) -> Proposed | None:
    name = "release" if at == 1 else f"release-{at}"
    if signature.identity:
        return _keyless(signature, name, known)
    return _by_key(signature, name, known)


def _keyless(signature: Signature, name: str, known: Known) -> Proposed | None:
    if "*" in signature.identity:
        return None  # a star would be a wildcard in a policy, whatever the certificate means by it
    try:
        vocabulary.check_identity(signature.identity)
        vocabulary.check_issuer(signature.issuer)
    except ValueError:
        return None  # such a one no policy can name
    confirmed = (known.identity, known.issuer) == (signature.identity, signature.issuer)
    inner = f"issuer = {quote(signature.issuer)}, identity = {quote(signature.identity)}"
    lines = [f"keyless = {{ {inner} }}"]
    if not confirmed:
        lines = [
            "# CONFIRM ELSEWHERE: the artifact itself says that this is who signed it. Ask the publisher, or read on",
            "# the publisher's page: the identity (who), the issuer (who vouches for that), and for a workflow the",
            "# ref behind the @, for which a glob may stand: @refs/tags/v* are all releases.",
            *lines,
            UNCONFIRMED,
        ]
    return Proposed(name=name, lines=tuple(lines), confirmed=confirmed)


def _by_key(signature: Signature, name: str, known: Known) -> Proposed | None:
    if known.pem is not None and known.key is not None:
        # One that names no key may be anybody's: whether it is this key's, verifying says.
        if signature.fingerprint and signature.fingerprint != known.fingerprint:
            return None
        lines = [f"key = {quote(known.key)}  # sha256:{known.fingerprint}", *_about(signature)]
        return Proposed(name=name, lines=tuple(lines), confirmed=True)
    if signature.key is None or known.key is None:
        return None
    path = _beside(known.key, name)
    lines = [
        "# CONFIRM ELSEWHERE: this key was found in a log entry beside the artifact, and may be anybody's. Compare its",
        f"# fingerprint with the publisher's: sha256:{signature.fingerprint}",
        f"# (`verify inspect {path}`; `openssl pkey -pubin -in {path} -outform DER | sha256sum`).",
        f"key = {quote(path)}",
        *_about(signature),
        UNCONFIRMED,
    ]
    return Proposed(name=name, lines=tuple(lines), confirmed=False, key=(path, signature.key))


def _about(signature: Signature) -> Iterator[str]:
    if signature.kid and signature.kid.isprintable() and len(signature.kid) <= vocabulary.LONGEST_NAME:
        yield f"kid = {quote(signature.kid)}  # what its signatures say; a signer counts by its key"
    if signature.algorithm not in _DEFAULT and signature.algorithm in vocabulary.ALGORITHMS:
        yield f'algorithms = ["{signature.algorithm}"]'


def _beside(key: str, name: str) -> str:
    folder, slash, _ = key.rpartition("/")
    return f"{folder}{slash}{name}.unconfirmed.pub"
