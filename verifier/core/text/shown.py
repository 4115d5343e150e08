"""What may be said of what was typed, where it may hold a secret: a URL, a ledger, a key's URI, an error about one.

* a user name, a password, a query and a fragment are never shown, whatever the scheme, and however badly it is written
* where it cannot be told what is a host and what a password, nothing but the scheme is shown
* a key or a token that was given in the place of its file is not shown at all
* every error and every reason passes here, so that no caller has to remember to

What is shown still says which place is meant: scheme, host, port and path.
"""

from __future__ import annotations

import re
from typing import Final

ELLIPSIS: Final = "…"

_URL: Final = r"[A-Za-z][A-Za-z0-9+.-]+:/{1,3}[^\s'\"<>`]*"
"""With one slash as well: that is what becomes of a URL that is taken for a path."""
_MISSPELT: Final = r"((?<!:)//|:/(?!/))[^\s/@:'\"]+:[^\s@'\"]+@"
"""A URL without its scheme, or without one of its slashes."""
_QUOTED: Final = r"(['\"])([^'\"]*//[^'\"]*)\1"
_PARTS: Final = r"(?s)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)(?P<slashes>:/{1,2})(?P<authority>[^/?#;]*)(?P<rest>.*)"
_HOST: Final = (
    r"(?:(?:[\w.~*%-]|\\\.)*|\[[0-9A-Fa-f:.%]*\])(?::\d{0,5})?(?:,(?:[\w.~-]*|\[[0-9A-Fa-f:.]*\])(?::\d{0,5})?)*"
)
"""Also as an expression has it, `github\\.com`: whom a policy believes is no secret."""
_CERTAIN: Final = r"[^:]*|(?:[\w.-]+\.[\w-]+|localhost|\[[^\]]*\]):\d+"
"""A host that is one even where an at-sign follows: no user name with a password that begins like a port."""
_WEB: Final = r"(?i)(?:[a-z]+\+)?https?|oci|file|sqlite|git\+ssh|ssh|git"
_OPAQUE: Final = (
    r"(?i)(?:hsm|pkcs11|awskms|gcpkms|azurekms|hashivault|k8s|postgres|postgresql|tpmkms|yubikey)(?:\+\w+)?:"
)
_PLAIN_LOGIN: Final = (
    r"(?<![^\s'\"(/])(?!(?:bundle|artifact|file|image):)[\w.%+-]*:[^\s'\"@/:]{3,}@(?!sha\d+:)(?=[\w\[])"
)
_HARMLESS: Final = r"[?;&](?:label|id|token|object|slot-id|type|serial|model|manufacturer)=[^?;&@]*"
_NAMES: Final = (
    r"[\w.-]*(?:pass(?:word|wd|phrase)?|pwd|pin(?:-value)?|secret|token|credentials?|authorization"
    r"|sig(?:nature)?|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|whsec)"
)
_NAMED: Final = (
    "pass",
    "pwd",
    "pin",
    "secret",
    "token",
    "credential",
    "authorization",
    "sig",
    "api",
    "access",
    "private",
    "whsec",
)
"""What each of these names holds; of a text in ASCII, whose cases are told apart as `lower` has them."""
_ASSIGNED: Final = rf"(?i)(?<![\w-])({_NAMES}\s?=\s?)('(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|[^\s'\",;)&]+)"
_AUTHORIZED: Final = r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{12,}"
_ARMOURED: Final = r"(?s)-----BEGIN.*"
_TOKEN_BEGINNINGS: Final = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-"),
    *(
        "xoxr-",
        "xoxs-",
        "npm_",
        "pypi-AgE",
        "hvs.",
        "hvb.",
        "hvr.",
        "whsec_",
        "dckr_pat_",
        "sk-",
        "AKIA",
        "ASIA",
        "AIza",
    ),
    *("AGE-SECRET-KEY-", "eyJ"),
)
_TOKENS: Final = (
    r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_(?=[A-Za-z0-9]{12})|pypi-AgE|hv[sbr]\.|whsec_|dckr_pat_"
    r"|sk-(?=[\w-]*\d)|AKIA|ASIA|AIza|AGE-SECRET-KEY-)[A-Za-z0-9_./+=-]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2}"
)
_LOGIN: Final = (
    r"(?<![^\s'\"/@])(?!(?:bundle|artifact|file|image):)[^\s'\"@/]*:[^'\"]*@(?!sha\d+:)|\A[^/@\s:]+@(?=[\w.-]+:\d)"
)
"""`user:password@`, where no scheme stands before it."""

# Patterns are texts: `re` compiles one when it is first asked for, and few runs ask for many.


def shown(reference: str) -> str:
    """What may be said of a reference, whatever it is."""
    if ":/" in reference and re.fullmatch(_PARTS, reference):
        return _shown_url(reference)
    if ":" in reference and re.match(_OPAQUE, reference):
        scheme_part, _, rest = reference.partition(":")
        if "@" in rest:
            return f"{scheme_part}:{ELLIPSIS}"
        return f"{scheme_part}:{_told(rest)}"
    path = reference.partition("?")[0]
    return without_secrets(re.sub(_LOGIN, f"{ELLIPSIS}@", path) if "@" in path else path)


def without_secrets(text: str) -> str:
    """`text`, in words, with every URL and every secret that can be told from the rest as `shown` has it."""
    if "-----BEGIN" in text:
        text = re.sub(_ARMOURED, "(a key, not shown)", text)
    if ":/" in text or "//" in text:
        text = re.sub(_QUOTED, lambda match: f"{match[1]}{_shown_quoted(match[2])}{match[1]}", text)
        text = re.sub(_URL, lambda match: _shown_url(match[0]), text)
    if "@" in text:
        text = re.sub(_MISSPELT, rf"\1{ELLIPSIS}@", text)
        text = re.sub(_PLAIN_LOGIN, f"{ELLIPSIS}@", text)
    if "=" in text and _may_name_a_secret(text):
        text = re.sub(_ASSIGNED, rf"\1{ELLIPSIS}", text)
    if any(word in text.lower() for word in ("bearer", "basic", "token")):
        text = re.sub(_AUTHORIZED, rf"\1 {ELLIPSIS}", text)
    if any(beginning in text for beginning in _TOKEN_BEGINNINGS):
        text = re.sub(_TOKENS, "(a token, not shown)", text)
    return text


def _may_name_a_secret(text: str) -> bool:
    """Whether one of `_NAMES` may be in it: most texts have none, and compiling what looks for them takes long.

    Beyond ASCII, `re` takes letters for one another that `lower` does not.
    """
    return not text.isascii() or any(word in text.lower() for word in _NAMED)


def _shown_quoted(quoted: str) -> str:
    """What stands in quotation marks, a whole reference as somebody typed it."""
    return _shown_url(quoted) if re.match(_PARTS, quoted) else re.sub(_LOGIN, f"{ELLIPSIS}@", quoted)


def _shown_url(url: str) -> str:
    parts = re.match(_PARTS, url)
    if parts is None:
        return ELLIPSIS
    scheme, authority, rest = parts["scheme"], parts["authority"], parts["rest"]
    user, at, host = authority.rpartition("@")
    del user
    plausible = host.replace(".", "").isalnum() or re.fullmatch(_HOST, host) is not None
    beyond = "@" in rest and "@" in re.sub(r"@sha\d+:[0-9a-f]+", "", rest)
    if not plausible or (beyond and (at or not re.fullmatch(_WEB, scheme) or not re.fullmatch(_CERTAIN, host))):
        return f"{scheme}{parts['slashes']}{ELLIPSIS}"
    return f"{scheme}{parts['slashes']}{host}{_cut(rest)}"


def _told(rest: str) -> str:
    """What names a key in its provider, and which token it is on; nothing of what opens it."""
    first, *others = re.split(r"(?=[?;&])", rest)
    return first + "".join(each for each in others if re.fullmatch(_HARMLESS, each))


def _cut(rest: str) -> str:
    """A path without the query, the fragment or the parameters behind it."""
    path = rest
    for sign in "?#;&":
        path = path.partition(sign)[0]
    plain = re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), path) if "%" in path else path
    if plain != path and re.sub(_ASSIGNED, "", re.sub(_LOGIN, "", plain)) != plain:
        return f"/{ELLIPSIS}"  # a path is written so as a URI, and a secret in it no less
    return path
