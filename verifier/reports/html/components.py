"""What an artifact consists of by its SBOM, and what changed since the version that was accepted last.

* a component is the same one where ecosystem, namespace and name are; how versions order is not for a page to say
* components are what the SBOM lists: whether that is true is what the verdict is about
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from verifier.formats.bom.component import Component
from verifier.reports.html.elements import Html, element, flowing, joined, text, words
from verifier.reports.html.parts import badge, tiles
from verifier.reports.html.table import table

_HEADS = ("Component", "Version", "Kind", "Licence", "Package URL or path")
_Key = tuple[str, str, str]


class Changed(NamedTuple):
    """One component that differs: `what` is "added", "removed" or "changed"; versions are "" where there is none."""

    what: str
    kind: str
    name: str
    before: str
    after: str


def listing(place: str, components: Sequence[Component]) -> Html:
    """Every component, in the order of the SBOM."""
    return table(
        place,
        f"{len(components):,} components, as the SBOM lists them",
        _HEADS,
        map(_row, components),
        narrow=(2,),
        wide=4,
    )


def _row(each: Component) -> tuple[Html, ...]:
    licences = " / ".join(one.text for one in each.licenses)
    return (
        words(_name(each)),
        words(each.version or ""),
        text(each.ecosystem or each.type),
        words(licences),
        element("code", flowing(each.purl or each.path)),
    )


def _name(each: Component) -> str:
    return f"{each.namespace}/{each.name}" if each.namespace else each.name or each.path


def changes(before: Iterable[Component], after: Iterable[Component]) -> tuple[Changed, ...]:
    """What differs, sorted: first what was added, then removed, then changed."""
    old, new = _versions(before), _versions(after)
    found = [*_gone(old, new, "removed"), *_gone(new, old, "added")]
    both = (key for key in old.keys() & new.keys() if old[key] != new[key])
    found += (Changed("changed", key[0], _named(key), ", ".join(old[key]), ", ".join(new[key])) for key in both)
    return tuple(sorted(found))


def _gone(held: Mapping[_Key, Sequence[str]], other: Mapping[_Key, Sequence[str]], what: str) -> Iterator[Changed]:
    for key in held.keys() - other.keys():
        versions = ", ".join(held[key])
        yield Changed(what, key[0], _named(key), *(("", versions) if what == "added" else (versions, "")))


def _versions(components: Iterable[Component]) -> dict[_Key, list[str]]:
    found: dict[_Key, list[str]] = {}
    for each in components:
        found.setdefault((each.ecosystem or each.type, each.namespace, each.name or each.path), []).append(
            each.version or ""
        )
    return {key: sorted(versions) for key, versions in found.items()}


def _named(key: _Key) -> str:
    return f"{key[1]}/{key[2]}" if key[1] else key[2]


def changed(place: str, before: Sequence[Component], after: Sequence[Component]) -> Html:
    """What changed, as numbers and as a table."""
    found = changes(before, after)
    if not found:
        return element("p", text(f"The same {len(after):,} components, in the same versions."), class_="soft")
    counts = [(what, f"{sum(each.what == what for each in found):,}") for what in ("added", "removed", "changed")]
    rows = (
        (words(each.name), badge(_COLOUR[each.what], each.what), text(each.kind), words(each.before), words(each.after))
        for each in found
    )
    heads = ("Component", "What", "Kind", "Before", "After")
    return joined((tiles(counts), table(place, "What changed", heads, rows, narrow=(1, 2))))


_COLOUR = {"added": "good", "removed": "bad", "changed": "note"}
