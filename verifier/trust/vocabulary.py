"""The words that a policy and the command-line flags may use, and the shape of each.

Every check takes a text and raises `ValueError` saying what was seen and what was expected; whoever asks knows
where it stands. All sets are closed: a word that is not here is an error, not a default.
"""

from __future__ import annotations

import re
from datetime import timedelta

from verifier.core.reading import ReadingMode
from verifier.formats.intoto.source_uri import split_ref
from verifier.trust.evaluate import is_plain_name
from verifier.trust.model import VersionFrom

KINDS = ("bundle", "image", "artifact")
SCHEMES = ("semver", "integer", "rfc3339", "pep440", "calver")
MODES = tuple(ReadingMode)
FIRST_USES = ("allow", "require-floor", "deny")
SEVERITIES = ("none", "low", "medium", "high", "critical")
QUALITIES = ("ntia",)
CLAIMS = ("repository", "digest", "ref", "owner", "workflow", "trigger", "runner", "visibility")
"""Claims of a Fulcio certificate, OIDs 1.3.6.1.4.1.57264.1.11 to .22, under names of one word."""
SIGNED_TIME = "signed-time"
"""The version source that needs no scheme: moments order themselves."""

_FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "ECDSA", "HS": "HMAC", "Ed": "EdDSA"}
ALGORITHMS = (*(f"{prefix}{size}" for prefix in ("RS", "PS", "ES", "HS") for size in (256, 384, 512)), "EdDSA")
"""RFC 7518, section 3.1, and RFC 8037."""

MAX_THRESHOLD = 64
"""Signatures that a rule may ask for: no more than an envelope may carry (`core.limits.MAX_SIGNATURES`)."""
MAX_BUILD_LEVEL = 3
"""SLSA 1.x's highest build level."""
MAX_OFFLINE_GRACE = timedelta(days=7)
"""For so long at most may a loader go on without its ledger: a floor that was set meanwhile does not bind it."""
MAX_JUMP = 10**18
"""The largest step that `max_jump` may name as a number."""

_PLAIN_SOURCES = ("manifest.revision", "attestation.version", "tag", SIGNED_TIME)
_KEYED_SOURCES = ("label:", "annotation:")
_METADATA = "manifest.metadata."
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z"
_BUILTIN = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\.\*)?\Z"
_CHANNEL = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"
_MAX_VERSION = 256
"""Characters of a version: what the ledger's schemes order."""


def check_uri(text: str) -> str:
    """An absolute URI, RFC 3986's characters only."""
    if not re.match(_URI, text, re.ASCII):
        raise ValueError(f"must be a URI such as https://example.org/name, not {text!r}")
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


def check_uri_glob(text: str) -> str:
    """A URI in which `*` may stand."""
    return check_uri(check_glob(text))


def check_source(text: str) -> str:
    """A repository's URI, without a ref."""
    if split_ref(text)[1] is not None:
        raise ValueError(f"must be a repository without a ref, which belongs into `ref`, not {text!r}")
    return check_uri(text)


def check_parameter(text: str) -> str:
    """The path of a build's parameter."""
    from verifier.formats.intoto.parameters import is_path  # noqa: PLC0415 - flags name no parameters

    if not is_path(text):
        raise ValueError(f'must be a parameter\'s path such as inputs.name or inputs."a b", not {text!r}')
    return text


def check_issuer(text: str) -> str:
    """An OIDC issuer, which is compared exactly."""
    if not text.startswith("https://") or "*" in text:
        raise ValueError(f"must be an https URL without wildcards, not {text!r}")
    return check_uri(text)


def check_builtin(text: str) -> str:
    """A builtin's name, or a prefix of names with a trailing `.*`."""
    if not re.match(_BUILTIN, text, re.ASCII):
        raise ValueError(f'must name builtins as in "http.send" or "net.*", not {text!r}')
    return text


def check_channel(text: str) -> str:
    """A channel's name, which becomes a part of the ledger's scope."""
    if not re.match(_CHANNEL, text, re.ASCII):
        raise ValueError(f"must be up to 64 letters, digits, `.`, `_`, `-`, not {text!r}")
    return text


def check_path(text: str) -> str:
    """A file's path; URLs are refused, for nothing is fetched."""
    if "://" in text:
        raise ValueError(f"must be a file's path, not the URL {text!r}")
    return text


def check_rego_path(text: str) -> str:
    """The path of an organisation's rules."""
    if not text.endswith(".rego"):
        raise ValueError(f"must name a .rego file, not {text!r}")
    return check_path(text)


def check_version_shape(text: str) -> str:
    """What any scheme could order; whether its own does, the ledger knows."""
    if len(text) > _MAX_VERSION or " " in text:
        raise ValueError(f"must be a version of up to {_MAX_VERSION} characters without spaces, not {text[:40]!r}")
    return text


def check_algorithms(names: tuple[str, ...], *, secret: bool) -> tuple[str, ...]:
    """JWS algorithms of one key: known, of one family, and HMAC for secrets only."""
    unknown = [name for name in names if name not in ALGORITHMS]
    if unknown:
        raise ValueError(f"must be among {', '.join(ALGORITHMS)}, not {unknown[0]!r}")
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


def check_public_key(pem: bytes) -> bytes:
    """A PEM public key by its label; what is inside is the signature back end's to judge."""
    if b"PRIVATE KEY-----" in pem:
        raise ValueError("names a private key: give the public one, and keep this out of the policy's directory")
    if b"-----BEGIN CERTIFICATE-----" in pem:
        raise ValueError("names a certificate: give its public key (openssl x509 -pubkey -noout)")
    if pem.count(b"-----BEGIN PUBLIC KEY-----") != 1:
        raise ValueError("must name a file with exactly one PEM block BEGIN PUBLIC KEY")
    return pem


def version_from(source: str, scheme: str | None) -> VersionFrom:
    """The rule that takes the version from `source` and orders it by `scheme`."""
    if source == SIGNED_TIME:
        if scheme is not None:
            raise ValueError(f"the source {SIGNED_TIME} takes no scheme: moments order themselves")
        return VersionFrom(source=source, scheme=SIGNED_TIME)
    if not _is_version_source(source):
        raise ValueError(
            f"the source must be one of {', '.join(_PLAIN_SOURCES)}, {_METADATA}<path>, label:<key>, "
            f"annotation:<key>, not {source!r}"
        )
    if scheme not in SCHEMES:
        seen = "nothing" if scheme is None else repr(scheme)
        raise ValueError(f"the scheme must be one of {', '.join(SCHEMES)}, not {seen}")
    return VersionFrom(source=source, scheme=scheme)


def _is_version_source(text: str) -> bool:
    if text.startswith(_METADATA):
        return all(text.removeprefix(_METADATA).split("."))
    return text in _PLAIN_SOURCES or any(text.startswith(kind) and text != kind for kind in _KEYED_SOURCES)
