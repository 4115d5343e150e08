"""Which installed package serves what another one needs: the edges between packages of one system.

* a name of a package is served by that package, else by who provides it: the first of them, in the order of their refs
* what nobody serves has no edge; versions are not compared, as the system's own tool has done that
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from verifier.sbom.databases.opening import unreadable

MAX_EDGES: Final = 1_000_000
"""Packages that all packages of one kind need, counted for each."""


class Needs:
    """Collects what packages need and provide; `edges` is asked once, at the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._names: dict[str, list[tuple[str, str]]] = {}
        self._provided: dict[str, str] = {}
        self._wanted: list[tuple[str, str, list[tuple[str, ...]]]] = []
        self._count = 0

    def add(
        self, ref: str, name: str, *, architecture: str, provides: Iterable[str], needs: Iterable[tuple[str, ...]]
    ) -> None:
        """A package: `needs` are choices, one of which is enough each."""
        self._names.setdefault(name, []).append((architecture, ref))
        for each in provides:
            known = self._provided.get(each)
            self._provided[each] = ref if known is None else min(known, ref)
        clauses = list(dict.fromkeys(needs))
        self._count += sum(len(choices) for choices in clauses)
        if self._count > MAX_EDGES:
            raise unreadable(self._path, f"packages need more than {MAX_EDGES} others, all together")
        self._wanted.append((ref, architecture, clauses))

    def edges(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The refs that each ref depends on, sorted; those that depend on nothing too."""
        found: Mapping[str, set[str]] = {ref: set() for ref, _, _ in self._wanted}
        for ref, architecture, clauses in self._wanted:
            for choices in clauses:
                found[ref].update(self._served(choices, architecture))
            found[ref].discard(ref)
        return tuple((ref, tuple(sorted(others))) for ref, others in sorted(found.items()))

    def _served(self, choices: tuple[str, ...], architecture: str) -> Iterable[str]:
        """Every choice that is there under its own name, else the first that is provided."""
        named = [self._best(self._names[each], architecture) for each in choices if each in self._names]
        return named or [self._provided[each] for each in choices if each in self._provided][:1]

    def _best(self, there: list[tuple[str, str]], architecture: str) -> str:
        return next((ref for other, ref in there[:16] if other == architecture), there[0][1])
