"""What is said of a component where a format has no field of its own for it: properties, `verifier:…`.

* whoever made the catalogue comes first, in the order in which it says it; then layer, owner and origin
* a URL keeps no user name, no password and no query: an SBOM is for everybody; digests say which file is meant
* what no URL may hold is percent-encoded, and what is none is not written as one
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from verifier.formats.bom.claims import HEX_DIGITS
from verifier.formats.bom.component import Component, Hash

OWNED_BY: Final = "verifier:owned-by"
LAYER: Final = "verifier:layer"
TYPE: Final = "verifier:type"
"""What a component is, where a format has no word for it."""
ORIGIN: Final = "verifier:origin"
"""The property of an origin's kind; `:location` and `:revision` are behind it."""
MINIMUM: Final = "verifier:opa:minimum"
"""The oldest release of the engine that will do."""
_PLAIN_URL: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?(?=/|\Z)|(?!//))"
    r"(?:[A-Za-z0-9._~:/!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})*\Z"
)
"""Scheme, host and port, path: RFC 3986 without what `_public` takes away."""
_HEX: Final = frozenset("0123456789abcdef")
_BEHIND: Final = re.compile("[?#]")
_LOGIN: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/]*@")


def is_digest(stated: Hash) -> bool:
    """Whether it is as long as its algorithm says, in lower-case hex."""
    return HEX_DIGITS.get(stated.algorithm) == len(stated.value) and _HEX.issuperset(stated.value)


def properties_of(component: Component) -> list[tuple[str, str]]:
    """All of it, as pairs."""
    found = [*component.properties]
    if component.layer:
        found.append((LAYER, component.layer))
    if component.owner and (OWNED_BY, component.owner) not in component.properties:
        found.append((OWNED_BY, component.owner))
    if (origin := component.origin) is not None:
        found.append((ORIGIN, origin.kind))
        found += (
            [(f"{ORIGIN}:location", url_of(origin.location) or _public(origin.location))] if origin.location else []
        )
        found += [(f"{ORIGIN}:revision", origin.revision)] if origin.revision else []
    return found


def url_of(text: str) -> str:
    """The URL with nothing secret in it and everything encoded that must be; "" for what is none."""
    text = _public(text)
    if _PLAIN_URL.match(text):
        return text
    text = quote(text, safe="/:!$&'()*+,;=-._~%@", errors="backslashreplace")
    return text if _PLAIN_URL.match(text) else ""


def _public(text: str) -> str:
    """What everybody may see of where something lies: no login, no query, no fragment."""
    if "?" in text or "#" in text:
        text = _BEHIND.split(text, maxsplit=1)[0]
    return _LOGIN.sub(r"\1", text, count=1) if "@" in text else text
