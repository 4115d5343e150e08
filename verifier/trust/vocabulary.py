"""The words that a policy and the command-line flags share, and the shape of each.

Every check takes a text and raises `ValueError` saying what was seen and what was expected; whoever asks knows
where it stands. All sets are closed: a word that is not here is an error, not a default. What only one section of a
rule says is in its file (`trust.sections`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.trust.kinds import KINDS

if TYPE_CHECKING:
    from verifier.formats.keys.text import PublicKeyText

_FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "ECDSA", "HS": "HMAC", "Ed": "EdDSA"}
ALGORITHMS = (*(f"{prefix}{size}" for prefix in ("RS", "PS", "ES", "HS") for size in (256, 384, 512)), "EdDSA")
"""RFC 7518, section 3.1, and RFC 8037."""
DEPRECATED_ALGORITHMS = ("ES384 with SHA-256", "ES512 with SHA-256")
"""Of attestations and Sigstore bundles alone: Sigstore's PKIX_ECDSA_P384_SHA_256 and PKIX_ECDSA_P521_SHA_256."""

MAX_BUILD_LEVEL = 3
"""SLSA 1.x's highest build level."""

_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z"


METADATA = "manifest.metadata."
"""Before the path of a member of a bundle's metadata, wherever a rule takes a text from there."""

LONGEST_NAME = 512
"""Bytes of an artifact's name: with its kind and channel a ledger's scope has at most twice as many."""


def is_plain_name(name: str) -> bool:
    """Whether `name` can name an artifact: printable, not too long, without `*` (a pattern) and `@` (a channel)."""
    if not name.strip() or name != name.strip() or not name.isprintable() or {"*", "@"} & set(name):
        return False
    return len(name.encode()) <= LONGEST_NAME  # what is printable has no lone surrogates


def check_uri(text: str) -> str:
    """An absolute URI, RFC 3986's characters only."""
    if not re.match(_URI, text, re.ASCII):
        raise ValueError(f"must be a URI such as https://example.org/name, not {text!r}")
    return text


def check_stated_uri(text: str) -> str:
    """A URI as verdicts of others state it: Google's have schemes with an underscore, `gce_image://…`."""
    scheme = text.partition(":")[0]
    try:
        check_uri(text.replace(scheme, scheme.replace("_", "-"), 1))
    except ValueError:
        check_uri(text)  # what is wrong is said of what was written
    return text


def check_resource(text: str) -> str:
    """Where an artifact is fetched from, without a user name: a verdict states it, and everybody may read verdicts."""
    authority = re.split("[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise ValueError("must not hold a user name or a password: every verdict states it")
    return text


def check_pattern(text: str) -> str:
    """An artifact pattern: a kind, a colon and a name, which may end in `*`."""
    kind, separator, name = text.partition(":")
    if not separator or kind not in KINDS:
        raise ValueError(f"must be kind:name with a kind of {', '.join(KINDS)}, not {text!r}")
    if "*" in name[:-1]:
        raise ValueError(f"may hold one `*`, as its last character, not {text!r}")
    if name != "*" and not is_plain_name(name.removesuffix("*")):
        raise ValueError(f"must name an artifact without `@` and characters that do not show, not {text!r}")
    return text


def check_glob(text: str) -> str:
    """A glob that leaves something certain: no `**`, and not only wildcards."""
    if "**" in text:
        raise ValueError(f"may not hold `**`, which would mean no more than `*`: {text!r}")
    if not text.strip("*/"):
        raise ValueError(f"must hold more than wildcards: {text!r} would match everything")
    return text


def nearly_a_predicate_type(text: str) -> str | None:
    """The predicate type that `text` is but for its scheme, case, a slash at its end, or the form of its version."""
    from verifier.formats.intoto.provenance import PROVENANCE_V0_2, PROVENANCE_V1  # noqa: PLC0415 - only where a policy is checked
    from verifier.formats.intoto.release import SIGNATURE_PREDICATES  # noqa: PLC0415 - as above

    known = {
        _folded_type(each): each
        for each in (PROVENANCE_V1, PROVENANCE_V0_2, VERIFICATION_SUMMARY, *SIGNATURE_PREDICATES)
    }
    meant = known.get(_folded_type(text))
    return None if meant == text else meant


def _folded_type(text: str) -> str:
    return re.sub(r"/v?(\d+)\.0$", r"/v\1", text.lower().partition("://")[2].rstrip("/"))


def check_uri_glob(text: str) -> str:
    """A URI in which `*` may stand."""
    return check_uri(check_glob(text))


def check_identity(text: str) -> str:
    """A keyless identity, or a glob of some that is not everybody's."""
    from verifier.core.signers.identities import require_pinned  # noqa: PLC0415 - who has keys needs none

    return require_pinned(check_glob(text))


def check_issuer(text: str) -> str:
    """An OIDC issuer, which is compared exactly."""
    if not text.startswith("https://") or "*" in text:
        raise ValueError(f"must be an https URL without wildcards, not {text!r}")
    return check_uri(text)


def check_identity_regexp(text: str) -> str:
    """A regular expression of keyless identities, matched against the whole, that is not everybody's."""
    from verifier.core.regexps.pinned import require_pinned_expression  # noqa: PLC0415 - only for who writes one

    return require_pinned_expression(text)


def check_issuer_regexp(text: str) -> str:
    """A regular expression of a few OIDC issuers."""
    from verifier.core.regexps.pinned import issuers_meant  # noqa: PLC0415 - as above

    for each in issuers_meant(text):
        check_issuer(each)
    return text


def check_path(text: str) -> str:
    """A file's path; URLs are refused, for nothing is fetched."""
    if "://" in text:
        raise ValueError(f"must be a file's path, not the URL {text!r}")
    return text


def check_algorithms(names: tuple[str, ...], *, secret: bool) -> tuple[str, ...]:
    """JWS algorithms of one key: known, of one family, and HMAC for secrets only."""
    unknown = [name for name in names if name not in (*ALGORITHMS, *DEPRECATED_ALGORITHMS)]
    if unknown:
        known = (*ALGORITHMS, *DEPRECATED_ALGORITHMS)
        meant = next((each for each in known if each.lower() == unknown[0].lower()), "")
        like = f" (did you mean {meant}?)" if meant else ""
        raise ValueError(f"must be among {', '.join(known)}, not {unknown[0]!r}{like}")
    families = {_FAMILIES[name[:2]] for name in names}
    if len(families) > 1:
        raise ValueError(f"must be of one family, for one key has one: {', '.join(names)} are {len(families)}")
    if secret and families != {"HMAC"}:
        raise ValueError("must be of HS256, HS384, HS512 and be named, for a secret has no default")
    if not secret and families == {"HMAC"}:
        # The classic confusion: an HMAC whose secret is a public key, which everybody has.
        raise ValueError(f"may not be {names[0]} for a public key: HMAC needs a `secret`")
    return names


def check_secret_length(secret: bytes, algorithms: tuple[str, ...]) -> bytes:
    """RFC 7518, section 3.2: an HMAC key is at least as long as the hash."""
    least = max(int(name[2:]) // 8 for name in algorithms)
    if len(secret) < least:
        raise ValueError(f"must be a file of at least {least} bytes for {', '.join(algorithms)}, not {len(secret)}")
    return secret


def check_key_algorithms(key: PublicKeyText, names: tuple[str, ...]) -> tuple[str, ...]:
    """What a key is for: `names`, where there are any, which its own form must allow; else what its form says."""
    refused = [name for name in names if key.algorithms and name not in key.algorithms]
    if refused:
        raise ValueError(f"says {refused[0]}, and the key's file that it is for {' or '.join(key.algorithms)}")
    return names or key.algorithms[:1]


def check_no_key(secret: bytes) -> bytes:
    """A shared secret that is no public key, which everybody has, nor a JWK, whose text is not its secret."""
    from verifier.formats.keys.public_key import read_public_key  # noqa: PLC0415 - secrets are rare
    from verifier.formats.keys.text import NoPublicKeyError  # noqa: PLC0415 - as above

    if b"-----BEGIN" in secret:
        raise ValueError(
            "is a key in PEM, expected a shared secret: HMAC with a public key is anybody's; leave the algorithm away"
        )
    if secret.lstrip().startswith(b"{") and b'"kty"' in secret:
        raise ValueError("is a JWK, expected a shared secret: its bytes, as `k` has them in base64url")
    try:
        read_public_key(secret)
    except NoPublicKeyError:
        return secret
    raise ValueError("is a public key, expected a shared secret: HMAC with a public key is anybody's")
