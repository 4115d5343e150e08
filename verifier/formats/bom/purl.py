"""Package URLs of components, written canonically: what the purl specification's own library would write.

* namespace, name, version and qualifiers are percent-encoded; qualifiers are sorted, and an empty one is left out
* names are lower case where their type says so; nothing else of them is changed
* where a part could not be read back as it is (a control character, a path), there is no purl rather than another one

Source: https://github.com/package-url/purl-spec, `PURL-SPECIFICATION.rst` and `PURL-TYPES.rst`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from verifier.formats.bom.component import FILE, Component
from verifier.formats.purl import parse_purl

_LOWER_NAME: Final = frozenset({"apk", "deb", "github", "npm", "pypi"})
_LOWER_NAMESPACE: Final = frozenset({"apk", "deb", "github", "npm", "rpm"})
_CANONICAL: Final = re.compile(r"pkg:[a-z]+(?:/[A-Za-z0-9][A-Za-z0-9._~+-]*)+@[A-Za-z0-9][A-Za-z0-9._~:+-]*\Z")
"""What most are, and nobody has to take apart."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")
"""What is the same once quoted."""


def purl_of(component: Component) -> str:
    """The purl: as it stands in the component, else made of its parts; "" for what has no ecosystem, and for a file."""
    if component.purl:
        return component.purl if _CANONICAL.match(component.purl) else _meant(component.purl)
    if component.ecosystem in ("", FILE) or not component.name:
        return ""
    return purl(
        component.ecosystem,
        component.name,
        component.version,
        namespace=component.namespace,
        qualifiers=component.qualifiers,
    )


def purl(
    ecosystem: str,
    name: str,
    version: str | None,
    *,
    namespace: str = "",
    qualifiers: tuple[tuple[str, str], ...] = (),
) -> str:
    """The purl of these parts; "" where it would not mean them."""
    if not namespace and not qualifiers and version and _PLAIN.match(name) and _PLAIN.match(version):
        return f"pkg:{ecosystem}/{name.lower() if ecosystem in _LOWER_NAME else name}@{version}"
    if ecosystem == "npm" and namespace and (namespace[0] != "@" or "/" in namespace):
        return ""  # no scope
    if ecosystem in _LOWER_NAME:
        name = name.lower()
    if ecosystem == "pypi":
        name = name.replace("_", "-")
    if ecosystem in _LOWER_NAMESPACE:
        namespace = namespace.lower()
    parts = ["pkg:", ecosystem, "/"]
    if namespace:
        parts += ["/".join(_quoted(each) for each in namespace.split("/")), "/"]
    parts.append(_quoted(name))
    if version:
        parts += ["@", _quoted(version)]
    if qualifiers:
        parts += _qualifiers(qualifiers)
    return _meant("".join(parts))


def _qualifiers(qualifiers: tuple[tuple[str, str], ...]) -> list[str]:
    said = sorted((key.lower(), value) for key, value in qualifiers if value)
    return ["?", "&".join(f"{key}={_quoted(value)}" for key, value in said)] if said else []


def _meant(text: str) -> str:
    """The purl, "" where nobody could read it in one way only."""
    try:
        parse_purl(text)
    except ValueError:
        return ""
    return text


def _quoted(text: str) -> str:
    return text if _PLAIN.match(text) else quote(text, safe=":", errors="backslashreplace")
