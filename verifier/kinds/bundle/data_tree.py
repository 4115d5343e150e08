"""The data document of a bundle, merged from its files as OPA merges them.

* a file's data lie under its directory; objects merge, anything else collides
* what a file was parsed to is never changed: its digest stays that of its own value
* data lie inside the manifest's roots, by whole segments, and not where OPA keeps its own
* every segment of a path that becomes an object, and every name that is copied into one, is paid for before

Source: OPA `v1/bundle/bundle.go` (`insertValue`, `validateAndInjectDefaults`), `internal/merge`.
"""

from __future__ import annotations

import posixpath
from typing import Final

from verifier.archives.findings import Findings
from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import KEY, SEGMENT
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.opa.manifest import RootTree

_KEPT_BY_OPA: Final = frozenset({"bundle", "bundles", "modules"})
"""Manifests, entity tags and versions of Rego of every bundle (OPA `v1/bundle/store.go`)."""


class DataTree:
    """`root` is the document so far."""

    def __init__(self, findings: Findings, budget: Budget) -> None:
        self.root: dict[str, JsonValue] = {}
        # Objects made here, which may be changed; all others belong to a file. `root` holds them: ids stay unique.
        self._own = {id(self.root)}
        self._findings, self._budget = findings, budget

    def insert(self, path: str, value: JsonValue) -> None:
        """Put the value of the data file at `path` under its directory."""
        directory = posixpath.dirname(path)
        cleaned = posixpath.normpath(directory) if directory else ""
        # OPA trims these from the left, so that "/.a/data.json" and "../a/data.json" both are `data.a`.
        place = cleaned.lstrip("/.")
        if place != path.removeprefix("/").rpartition("/")[0]:
            message = f"OPA puts the data under {place!r}"
            self._findings.differs("archive.unsafe-name", path, message)
        if "%" in place:
            message = (
                "a percent sign in the folder of data: OPA's stores that read data when they are asked for unescape it"
            )
            self._findings.differs("archive.unsafe-name", path, message)
        segments = place.split("/") if place else []
        if not segments and not isinstance(value, dict):
            self._findings.denies("bundle.data-conflict", path, "the data at the root is not an object")
            return
        self._budget.spend(SEGMENT, len(segments), subject=path)
        for segment in reversed(segments):
            value = {segment: value}
        if isinstance(value, dict) and (where := self._merge(value, path)) is not None:
            self._findings.denies("bundle.data-conflict", path, f"data.{where} is already defined by another file")

    def judge_roots(self, roots: RootTree) -> None:
        """Refuse data outside of what the manifest claims."""
        pending: list[tuple[tuple[str, ...], RootTree, JsonValue]] = [((), roots, self.root)]
        while pending:
            path, below, value = pending.pop()
            if below.is_root:
                continue
            if not isinstance(value, dict):
                self._outside(path)
                continue
            for key, member in value.items():
                branch = below.branches.get(key)
                if branch is None:
                    self._outside((*path, key))
                else:
                    pending.append(((*path, key), branch, member))

    def judge_system(self) -> None:
        """Refuse data where OPA keeps what it knows of bundles: it fails to, or shows what one says of another."""
        if "system" not in self.root:
            return
        system = self.root["system"]
        if not isinstance(system, dict):
            self._findings.denies(
                "bundle.data-conflict", "system", "data.system is where OPA keeps its own, not a value"
            )
            return
        for name in sorted(_KEPT_BY_OPA & system.keys()):
            self._findings.denies("bundle.data-conflict", f"system/{name}", f"data.system.{name} is OPA's own")

    def _outside(self, path: tuple[str, ...]) -> None:
        place = "/".join(path)
        self._findings.denies("manifest.outside-roots", place, f"the data at /{place} lie outside the manifest's roots")

    def _merge(self, value: dict[str, JsonValue], file: str) -> str | None:
        """Merge `value` into the root; the path at which it collides, or None."""
        pending: list[tuple[dict[str, JsonValue], dict[str, JsonValue], tuple[str, ...]]] = [(self.root, value, ())]
        while pending:
            into, members, path = pending.pop()
            self._budget.spend(KEY, len(members), subject=file)
            for key, member in members.items():
                if key not in into:
                    into[key] = member
                    continue
                there = into[key]
                if not (isinstance(there, dict) and isinstance(member, dict)):
                    return ".".join((*path, key))
                if id(there) not in self._own:
                    self._budget.spend(KEY, len(there), subject=file)
                    there = dict(there)
                    self._own.add(id(there))
                    into[key] = there
                pending.append((there, member, (*path, key)))
        return None
