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

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/{1,3}[^\s'\"<>`]*")
"""With one slash as well: that is what becomes of a URL that is taken for a path."""
_MISSPELT: Final = re.compile(r"((?<!:)//|:/(?!/))[^\s/@:'\"]+:[^\s@'\"]+@")
"""A URL without its scheme, or without one of its slashes."""
_QUOTED: Final = re.compile(r"(['\"])([^'\"]*//[^'\"]*)\1")
_PARTS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)(?P<slashes>:/{1,2})(?P<authority>[^/?#;]*)(?P<rest>.*)", re.DOTALL
)
_HOST: Final = re.compile(
    r"(?:[\w.~*%-]*|\[[0-9A-Fa-f:.%]*\])(?::\d{0,5})?(?:,(?:[\w.~-]*|\[[0-9A-Fa-f:.]*\])(?::\d{0,5})?)*"
)
_CERTAIN: Final = re.compile(r"[^:]*|(?:[\w.-]+\.[\w-]+|localhost|\[[^\]]*\]):\d+")
"""A host that is one even where an at-sign follows: no user name with a password that begins like a port."""
_WEB: Final = re.compile(r"(?:[a-z]+\+)?https?|oci|file|sqlite|git\+ssh|ssh|git", re.IGNORECASE)
_OPAQUE: Final = re.compile(
    r"(?:hsm|pkcs11|awskms|gcpkms|azurekms|hashivault|k8s|postgres|postgresql|tpmkms|yubikey)(?:\+\w+)?:", re.IGNORECASE
)
_PLAIN_LOGIN: Final = re.compile(
    r"(?<![^\s'\"(/])(?!(?:bundle|artifact|file|image):)[\w.%+-]*:[^\s'\"@/:]{3,}@(?!sha\d+:)(?=[\w\[])"
)
_HARMLESS: Final = re.compile(r"[?;&](?:label|id|token|object|slot-id|type|serial|model|manufacturer)=[^?;&@]*")
_NAMES: Final = (
    r"[\w.-]*(?:pass(?:word|wd|phrase)?|pwd|pin(?:-value)?|secret|token|credentials?|authorization"
    r"|sig(?:nature)?|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|whsec)"
)
_ASSIGNED: Final = re.compile(
    rf"(?i)(?<![\w-])({_NAMES}\s?=\s?)('(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|[^\s'\",;)&]+)"
)
_AUTHORIZED: Final = re.compile(r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{12,}")
_ARMOURED: Final = re.compile(r"-----BEGIN.*", re.DOTALL)
_TOKENS: Final = re.compile(
    r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_|pypi-|hv[sbr]\.|whsec_|dckr_pat_|sk-|AKIA|ASIA|AIza"
    r"|AGE-SECRET-KEY-)[A-Za-z0-9_./+=-]{12,}|\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2}"
)
_LOGIN: Final = re.compile(
    r"(?<![^\s'\"/@])(?!(?:bundle|artifact|file|image):)[^\s'\"@/]*:[^'\"]*@(?!sha\d+:)|\A[^/@\s:]+@(?=[\w.-]+:\d)"
)
"""`user:password@`, where no scheme stands before it."""


def shown(reference: str) -> str:
    """What may be said of a reference, whatever it is."""
    if _PARTS.fullmatch(reference):
        return _shown_url(reference)
    if _OPAQUE.match(reference):
        scheme_part, _, rest = reference.partition(":")
        if "@" in rest:
            return f"{scheme_part}:{ELLIPSIS}"
        return f"{scheme_part}:{_told(rest)}"
    return without_secrets(_LOGIN.sub(f"{ELLIPSIS}@", reference.partition("?")[0]))


def without_secrets(text: str) -> str:
    """`text`, in words, with every URL and every secret that can be told from the rest as `shown` has it."""
    if "-----BEGIN" in text:
        text = _ARMOURED.sub("(a key, not shown)", text)
    if ":/" in text or "//" in text:
        text = _QUOTED.sub(lambda match: f"{match[1]}{_shown_quoted(match[2])}{match[1]}", text)
        text = _URL.sub(lambda match: _shown_url(match[0]), text)
    text = _MISSPELT.sub(rf"\1{ELLIPSIS}@", text)
    if "@" in text:
        text = _PLAIN_LOGIN.sub(f"{ELLIPSIS}@", text)
    if "=" in text:
        text = _ASSIGNED.sub(rf"\1{ELLIPSIS}", text)
    return _TOKENS.sub("(a token, not shown)", _AUTHORIZED.sub(rf"\1 {ELLIPSIS}", text))


def _shown_quoted(quoted: str) -> str:
    """What stands in quotation marks, a whole reference as somebody typed it."""
    return _shown_url(quoted) if _PARTS.match(quoted) else _LOGIN.sub(f"{ELLIPSIS}@", quoted)


def _shown_url(url: str) -> str:
    parts = _PARTS.match(url)
    if parts is None:
        return ELLIPSIS
    scheme, authority, rest = parts["scheme"], parts["authority"], parts["rest"]
    user, at, host = authority.rpartition("@")
    del user
    plausible = _HOST.fullmatch(host) is not None
    beyond = "@" in re.sub(r"@sha\d+:[0-9a-f]+", "", rest)
    if not plausible or (beyond and (at or not _WEB.fullmatch(scheme) or not _CERTAIN.fullmatch(host))):
        return f"{scheme}{parts['slashes']}{ELLIPSIS}"
    return f"{scheme}{parts['slashes']}{host}{_cut(rest)}"


def _told(rest: str) -> str:
    """What names a key in its provider, and which token it is on; nothing of what opens it."""
    first, *others = re.split(r"(?=[?;&])", rest)
    return first + "".join(each for each in others if _HARMLESS.fullmatch(each))


def _cut(rest: str) -> str:
    """A path without the query, the fragment or the parameters behind it."""
    return re.split(r"[?#;&]", rest, maxsplit=1)[0]
