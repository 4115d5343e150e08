"""Package URLs of what is found, written; `formats.purl` reads them.

* the text is the one that `packageurl-python` writes for the same parts, without loading it
* what a purl's type says about case is the caller's: a reader gives the name as its ecosystem writes it

Source: https://github.com/package-url/purl-spec, PURL-SPECIFICATION.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

_PLAIN = re.compile(r"[A-Za-z0-9._~:/-]*\Z")
"""What stands for itself in every part."""


def purl(
    kind: str, name: str, version: str | None, *, namespace: str = "", qualifiers: Iterable[tuple[str, str]] = ()
) -> str:
    """The purl of `kind` with these parts; qualifiers without a value are left out, the others sorted."""
    before = f"{namespace if _PLAIN.match(namespace) else _quoted(namespace)}/" if namespace else ""
    at = f"@{_quoted(version)}" if version else ""
    said = "&".join(f"{key}={_quoted(value)}" for key, value in sorted(qualifiers) if value)
    return f"pkg:{kind}/{before}{_quoted(name)}{at}{'?' if said else ''}{said}"


def ref_of(written: str, path: str, taken: set[str]) -> str:
    """A ref for what has the purl `written` and was found by `path`, which none of `taken` is; it is taken then.

    It is the purl, for the first that has it, and else tells where it was found."""
    ref = written
    if ref in taken:
        ref = base = f"{written}#{_quoted(path)}"
        number = 2
        while ref in taken:
            ref, number = f"{base}:{number}", number + 1
    taken.add(ref)
    return ref


def _quoted(text: str) -> str:
    return text if _PLAIN.match(text) else quote(text.encode("utf-8", "surrogatepass")).replace("%3A", ":")
