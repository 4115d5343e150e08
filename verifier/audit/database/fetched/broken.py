"""Which packages a record names that was refused: what can still be read of it.

* where its list of packages can be read, those are they, whichever of two equal keys they stand under
* where that list is cut off (or is YAML's last word, which nothing ends), or a package in it has no name, it may be any
  package of its ecosystem; where nobody can tell its ecosystem either, any package at all
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeGuard

from verifier.audit.database.fetched.found import Form
from verifier.formats.osv.ecosystems import ECOSYSTEMS, compared_name
from verifier.formats.osv.reading import ID, MAX_ID, MAX_NAME

ANY: Final = ""
"""In the place of a name, or of an ecosystem: whichever."""
_BY_LOWER: Final = {name.lower(): name for name in ECOSYSTEMS}
_ECOSYSTEM: Final = re.compile(r"""["']?ecosystem["']?\s*:\s*["']?([A-Za-z][A-Za-z. ]{0,40})""")
_JSON_LIST: Final = re.compile(r'"affected"\s*:\s*(?=\[)')
_YAML_LIST: Final = re.compile(r"^affected:[^\n]*\n(?:(?:[ \-][^\n]*)?\n)*(?=[a-z_]+:)", re.MULTILINE)
_ID: Final = re.compile(r"""(?:"id"\s*:\s*"|^id:\s*["']?)([A-Za-z0-9][A-Za-z0-9._:-]{0,255})""", re.MULTILINE)
_MOST_DEPTH: Final = 64
_MOST_NAMES: Final = 50_000


class Named(NamedTuple):
    """What a refused record is about: its id ("" where nobody can tell), and packages as (ecosystem, compared name),
    each of which may be `ANY`."""

    id: str
    packages: frozenset[tuple[str, str]]


EVERYTHING: Final = Named("", frozenset({(ANY, ANY)}))


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, equal keys too."""


def named_by(content: bytes, form: Form) -> Named:
    """What the broken record in `content` is about; raises nothing."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    found = _ID.search(text)
    identifier = found[1] if found else ""
    try:
        tree = _json(text) if form == "json" else _yaml(text)
    except (ValueError, RecursionError):
        return Named(identifier, _of_pieces(text, form))
    ids = [each for each in _under(tree, "id") if isinstance(each, str) and ID.match(each) and len(each) <= MAX_ID]
    named = _of_tree(tree)
    if form == "yaml" and isinstance(tree, _Pairs) and tree and tree[-1][0].lower() == "affected":
        # Nothing says where YAML ends: a list with nothing behind it may have been cut at the end of a line.
        named |= {(ecosystem if ecosystem in ECOSYSTEMS else ANY, ANY) for ecosystem, _ in named}
    return Named(ids[0] if ids else "", named or frozenset({(ANY, ANY)}))


def _of_tree(tree: Any) -> frozenset[tuple[str, str]]:
    return _of_entries(each for value in _under(tree, "affected") for each in _items(value))


def _of_entries(entries: Iterator[Any]) -> frozenset[tuple[str, str]]:
    """The packages of entries of `affected`; an entry without a package is about commits, and names none."""
    named: set[tuple[str, str]] = set()
    for entry in entries:
        packages = _under(entry, "package")
        if not isinstance(entry, _Pairs):
            named.add((ANY, ANY))
        for package in packages:
            named.update(_of_package(package))
        if len(named) > _MOST_NAMES:
            return frozenset({(ANY, ANY)})
    return frozenset(named)


def _of_package(package: Any) -> Iterator[tuple[str, str]]:
    ecosystems, names = _under(package, "ecosystem") or [None], _under(package, "name") or [None]
    for written in ecosystems:
        if not _readable(written):
            yield ANY, ANY
            continue
        ecosystem = _BY_LOWER.get(written.partition(":")[0].lower(), written)
        known = ECOSYSTEMS.get(ecosystem)
        for name in names:
            yield ecosystem, compared_name(known.purl_type if known else "", name) if _readable(name) else ANY


def _readable(text: Any) -> TypeGuard[str]:
    """Whether it is a name of something; what was no UTF-8 may be any."""
    return isinstance(text, str) and text.isprintable() and 0 < len(text) <= MAX_NAME and "\ufffd" not in text


def _of_pieces(text: str, form: Form) -> frozenset[tuple[str, str]]:
    """What a text that breaks off names, as far as its list of packages is whole."""
    for piece in _lists(text, form):
        if named := _of_entries(iter(_items(piece))):
            return named
    ecosystems = {_BY_LOWER.get(each.strip().lower(), "") for each in _ECOSYSTEM.findall(text)}
    return frozenset((each, ANY) for each in ecosystems or {ANY})


def _lists(text: str, form: Form) -> Iterator[Any]:
    """The lists of packages in a text that are whole."""
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs)
    try:
        if form == "json":
            for match in _JSON_LIST.finditer(text):
                yield decoder.raw_decode(text, match.end())[0]
        else:
            for match in _YAML_LIST.finditer(text):
                yield from _under(_yaml(match[0]), "affected")
    except (ValueError, RecursionError):
        return


def _under(tree: Any, key: str) -> list[Any]:
    """What stands under a key, each time that it stands there, in whatever case."""
    return [value for name, value in tree if name.lower() == key] if isinstance(tree, _Pairs) else []


def _items(value: Any) -> list[Any]:
    """The items of an array; what is none is one that says nothing."""
    return value if isinstance(value, list) and not isinstance(value, _Pairs) else [None]


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_Pairs)


def _yaml(text: str) -> Any:
    """The value of a YAML document, equal keys kept; `ValueError` for what is none."""
    import yaml  # noqa: PLC0415 - only for a record that is broken

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    root: list[Any] = []
    open_: list[tuple[Any, list[str]]] = [(root, [])]
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.CollectionEndEvent):
                open_.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            value: Any = event.value if isinstance(event, yaml.ScalarEvent) else None
            if isinstance(event, yaml.CollectionStartEvent):
                value = _Pairs() if isinstance(event, yaml.MappingStartEvent) else []
            _put(*open_[-1], value)
            if isinstance(event, yaml.CollectionStartEvent):
                open_.append((value, []))
            if len(open_) > _MOST_DEPTH:
                raise ValueError("nested too deep")
    except yaml.YAMLError as error:
        raise ValueError("not YAML") from error
    return root[0] if root else None


def _put(into: Any, waiting: list[str], value: Any) -> None:
    if not isinstance(into, _Pairs):
        into.append(value)
    elif waiting:
        into.append((waiting.pop(), value))
    else:
        waiting.append(value if isinstance(value, str) else "")
