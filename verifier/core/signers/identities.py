"""What a keyless identity may be: of which kind, of which characters, and whose.

* a URI, an e-mail address and Fulcio's user name (`name!domain`) are kinds of their own: one that reads like another
  counts as neither
* an identity is printable ASCII without blanks; what does not show, or may look like something else, is no part of it
* a pattern pins the host, and for the hosts that everybody can have an account at, the owner: an identity of everybody
  is nobody's
* what a pattern leaves open all the same can be said (`width`)
"""

from __future__ import annotations

import re
from typing import Final, Literal

IdentityKind = Literal["URI", "e-mail address", "user name"]

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?\Z")
_OWNER: Final = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*\Z")
_SHARED_HOSTS: Final = frozenset(
    {
        *("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "gitee.com", "sr.ht", "git.sr.ht"),
        *("dev.azure.com", "buildkite.com", "g.codefresh.io", "app.circleci.com", "circleci.com", "huggingface.co"),
        *("launchpad.net", "sourceforge.net", "salsa.debian.org", "gitlab.freedesktop.org", "framagit.org"),
        *("accounts.google.com", "gitlab.gnome.org", "foss.heptapod.net", "cloud.google.com", "hub.docker.com"),
    }
)
"""Where an account is for the asking: the first segment of the path says whose it is."""
_PUBLIC_MAIL: Final = frozenset(
    {
        *("gmail", "googlemail", "outlook", "hotmail", "live", "msn", "passport", "yahoo", "ymail", "rocketmail"),
        *("aol", "icloud", "me", "mac", "proton", "protonmail", "pm", "gmx", "web", "mail", "yandex", "ya", "qq"),
        *("163", "126", "sina", "sohu", "zoho", "zohomail", "fastmail", "hey", "tuta", "tutanota", "tutamail"),
        *("t-online", "freenet", "orange", "wanadoo", "laposte", "libero", "seznam", "rediffmail", "naver", "daum"),
        *("inbox", "bk", "list", "rambler", "mailbox", "posteo", "disroot", "riseup", "duck", "hushmail", "noreply"),
    }
)
"""The name before the top-level domain of those who give an address to everybody, in whatever country."""
_SHARED_MAIL: Final = frozenset(
    {
        *("users.noreply.github.com", "noreply.gitlab.com", "users.noreply.gitlab.com", "appspot.gserviceaccount.com"),
        *("developer.gserviceaccount.com", "cloudbuild.gserviceaccount.com"),
    }
)
_COUNTRY: Final = 3
"""Letters of the longest `com`, `co` or `ne` that stands before a country's domain."""


def require_plain(identity: str) -> str:
    """The identity; raises `ValueError` for characters that no identity has."""
    odd = next((each for each in identity if not ("!" <= each <= "~")), None)
    if odd is not None or not identity:
        seen = "is empty" if odd is None else f"has the character U+{ord(odd):04X}"
        raise ValueError(f"{seen}, expected printable ASCII without blanks")
    return identity


def kind_of(identity: str) -> IdentityKind | None:
    """The kind that an identity, or a pattern of identities, can only be; None where it is none."""
    if _URI.match(identity):
        return "URI"
    if "/" in identity or ":" in identity:
        return None
    name, at, domain = identity.rpartition("@")
    if at:
        return "e-mail address" if name and domain and "@" not in name else None
    name, bang, domain = identity.rpartition("!")
    return "user name" if bang and name and domain and "!" not in name else None


def require_pinned(identity: str) -> str:
    """The pattern; raises `ValueError` where it could be anybody's, or of any kind."""
    require_plain(identity)
    match kind_of(identity):
        case "URI":
            _require_pinned_uri(identity)
        case "e-mail address":
            _require_pinned_domain(identity, "@")
        case "user name":
            _require_pinned_domain(identity, "!")
        case _:
            raise ValueError(f"must be a URI, an e-mail address or a user name (name!domain), not {identity!r}")
    return identity


def width(identity: str) -> str:
    """Who else than one is of this pattern, in a few words; "" where it is narrow."""
    if "*" not in identity:
        return ""
    if kind_of(identity) != "URI":
        return f"everybody at {re.split('[@!]', identity)[-1]}"
    fixed = identity.partition("://")[2].partition("*")[0].split("/")
    # host/owner/repository/ is what comes before a file of one repository.
    if len(fixed) < 4:
        return f"everything below {'/'.join(fixed[:-1])}/"
    return ""


def _require_pinned_uri(identity: str) -> None:
    rest = identity.partition("://")[2]
    host, _, path = rest.partition("/")
    if not _HOST.match(host):
        raise ValueError(f"must name its host in ASCII and without wildcards, not {identity!r}")
    if any(each in {".", ".."} for each in path.split("/")):
        raise ValueError(f"has a dotted segment, which means another path: {identity!r}")
    owner = path.partition("/")[0]
    if "*" in identity and host.partition(":")[0].lower() in _SHARED_HOSTS and not _OWNER.match(owner):
        raise ValueError(
            f"must name the owner at {host}, as in {identity.partition('://')[0]}://{host}/acme/*, not {identity!r}: "
            "everybody can have an account there"
        )


def _require_pinned_domain(identity: str, separator: str) -> None:
    domain = identity.rpartition(separator)[2]
    if not _HOST.match(domain) or ":" in domain or "." not in domain:
        raise ValueError(f"must name its domain, without wildcards and in ASCII, not {identity!r}")
    if "*" in identity and _is_public(domain.lower()):
        raise ValueError(f"must be one address: everybody can have one at {domain}, and {identity!r} would be theirs")


def _is_public(domain: str) -> bool:
    labels = domain.split(".")
    registered = labels[-3] if len(labels) > 2 and len(labels[-2]) <= _COUNTRY and len(labels[-1]) == 2 else labels[-2]
    return domain in _SHARED_MAIL | _SHARED_HOSTS or registered in _PUBLIC_MAIL
