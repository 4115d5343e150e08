"""The file that says which licences may be used: read strictly, every error at its line.

* `allow` and `deny` hold SPDX identifiers, pairs with an exception, whole expressions, and patterns of `LicenseRef-…`
* what is not in the SPDX list is an error here, so that no slip of the pen allows or denies nothing
* an exception is of components, has a reason and an end; a pattern that would mean every component is refused
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from verifier.core.clock import shifted
from verifier.core.value import Value, field
from verifier.formats.spdx_license import Expression, Symbol, known_ids, parse_expression, symbols_of
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table, nearest

MAX_EXCEPTIONS: Final = 1_000
"""Exceptions in one file, each with an end that somebody has to keep."""
MAX_FILE: Final = 256 * 1024
"""Bytes of such a file: an organisation's whole list of licences has a few thousand."""
_KNOWN: Final = frozenset({"version", "allow", "deny", "exceptions"})
_OF_EXCEPTION: Final = frozenset({"until", "reason"})
_PATTERN: Final = re.compile(r"LicenseRef-[A-Za-z0-9.*-]*\*[A-Za-z0-9.*-]*\Z", re.ASCII)


class LicenseList(Value):
    """One list: `trees` by their expression, `patterns` of references, each as it is written."""

    trees: Mapping[Expression, str] = field(repr=False)
    patterns: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


class Exemption(Value):
    """An exception: components that `pattern` matches, a purl or a name with wildcards, up to `until` (not included).

    `stated` is the end as it is written.
    """

    pattern: str
    until: datetime
    stated: str
    reason: str


class LicenseRules(Value):
    """What may be used: `allow` is None where everything may that is not denied."""

    allow: LicenseList | None = None
    deny: LicenseList
    exceptions: tuple[Exemption, ...] = ()


def read_license_rules(content: bytes, *, where: str) -> LicenseRules:
    """The rules in a TOML file that errors call `where`; `ConfigurationError` with its line for what is not right."""
    top = open_document(content, where=where, known=_KNOWN, max_bytes=MAX_FILE, whole="the license file")
    allow = _list(top, "allow") if "allow" in top.values else None
    deny = _list(top, "deny") if "deny" in top.values else LicenseList(trees={})
    if allow is None and not deny.written:
        raise top.source.error((), "it allows and denies nothing", 'Write allow = ["MIT"] or deny = […].')
    both = sorted(set(allow.written) & set(deny.written)) if allow else []
    if both:
        raise top.error("deny", f"lists {both[0]!r}, which is allowed too", "Leave it in one of the two.")
    exceptions = tuple(_exemption(name, table) for name, table in top.named_tables("exceptions", _OF_EXCEPTION))
    if len(exceptions) > MAX_EXCEPTIONS:
        raise top.error("exceptions", f"has {len(exceptions)} tables, at most {MAX_EXCEPTIONS} are read")
    return LicenseRules(allow=allow, deny=deny, exceptions=exceptions)


def _list(top: Table, key: str) -> LicenseList:
    trees: dict[Expression, str] = {}
    patterns: list[str] = []
    texts = top.texts(key, may_be_empty=key == "deny")
    for index, text in enumerate(texts):
        if _PATTERN.match(text):
            patterns.append(text)
            continue
        tree = _tree(top, key, text, index)
        if tree in trees:
            raise top.error(key, f"lists {text!r}, which is the same as {trees[tree]!r}", index=index)
        trees[tree] = text
    return LicenseList(trees=trees, patterns=tuple(patterns), written=texts)


def _tree(top: Table, key: str, text: str, index: int) -> Expression:
    if "*" in text:
        message = f"has the pattern {text!r}; only references are matched by one, as in LicenseRef-acme-*"
        raise top.error(key, message, index=index)
    try:
        tree = parse_expression(text)
    except ValueError as error:
        raise top.error(key, f"has {text!r}, which {error}", index=index) from error
    unknown = next((symbol for symbol in symbols_of(tree) if symbol.kind == "unknown"), None)
    if unknown is not None:
        message = f"has {unknown.key!r}, which is not in the SPDX list"
        raise top.error(key, message, nearest(unknown.key, known_ids()), index=index)
    return tree


def _exemption(pattern: str, table: Table) -> Exemption:
    if "*" in pattern and len(pattern.removeprefix("pkg:").replace("*", "").strip("/@")) < 2:
        raise table.source.error(
            table.path, f"{pattern!r} means every component", "Name the purl, or the name, of one."
        )
    until, stated = _until(table)
    reason = table.text("reason")
    if not reason.strip():
        raise table.error("reason", "must say why")
    return Exemption(pattern=pattern, until=until, stated=stated, reason=reason)


def _until(table: Table) -> tuple[datetime, str]:
    """When it ends: a date ends with its day, in UTC."""
    value = table.required("until")
    if isinstance(value, date) and not isinstance(value, datetime):
        ends = shifted(datetime.combine(value, time(), UTC), timedelta(days=1))
        return ends, value.isoformat()
    moment = table.moment("until")
    if moment is None:  # `required` has raised before
        raise table.error("until", "is missing")
    return moment, str(value)


def matched_entry(tree: Expression, listed: LicenseList) -> str:
    """The entry of a list that means this very licence, pair or expression; "" for none."""
    found = listed.trees.get(tree)
    if found is not None:
        return found
    if isinstance(tree, Symbol) and tree.kind == "reference":
        return next((each for each in listed.patterns if _reference_matches(each, tree.key)), "")
    return ""


def _reference_matches(pattern: str, key: str) -> bool:
    """Whether the whole of `key` is what `pattern` means; `*` is any text, and nothing is tried twice."""
    first, *rest = pattern.split("*")
    *middle, last = rest
    if not key.startswith(first) or len(key) < len(first) + len(last) or not key.endswith(last):
        return False
    at, end = len(first), len(key) - len(last)
    for part in middle:
        found = key.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
