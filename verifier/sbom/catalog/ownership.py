"""Whose the files of an image are, and whether they are what their packages say.

* a file is where the links in its path lead, as it was for the package manager that put it there
* who installs others is asked first: a file that a Debian package and a Python one name is the Debian one's
* of a file each digest that any package says is held against its bytes; what one package says nothing of, and another
  does, is checked
* a package that another one has installed says no more of its files than that one: what it lists besides may be missing
* settings, and what may be missing, are told apart from what nobody has a reason to change
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

from verifier.evidence.contents import Contents, FileFact, Files
from verifier.formats.bom.catalog import Integrity
from verifier.sbom.catalog.reader import Found, Owned

State = Literal["", "altered", "unchecked", "configured"]
_RANK: Final = ("unchecked", "", "configured", "altered")
"""What counts of two things that are said of one file: the later."""


class Ownership:
    """What the packages of one image own: asked once for each reader, in the readers' order."""

    def __init__(self, contents: Contents, facts: Mapping[str, FileFact]) -> None:
        self._contents, self._facts = contents, facts
        self._folders: dict[str, str | None] = {}
        self._owners: dict[str, str] = {}
        self._states: dict[str, State] = {}
        self._absent: dict[str, str] = {}
        self._layers: dict[str, Counter[int]] = {}

    def take(self, found: Found) -> None:
        """What the packages of one reader say is theirs."""
        installed = {each.ref for each in found.components if each.path in self._owners}
        for each in found.owned:
            fact = self._there(each.path)
            if fact is None:
                self._absent.setdefault(each.path, "spare" if each.owner in installed else each.role)
                continue
            if fact.type == "directory" and not each.algorithm:
                continue
            self._owners.setdefault(fact.path, each.owner)
            if fact.layer is not None:
                self._layers.setdefault(each.owner, Counter())[fact.layer] += 1
            state = self._state(each, fact)
            known = self._states.setdefault(fact.path, state)
            if _RANK.index(state) > _RANK.index(known):
                self._states[fact.path] = state

    def owner(self, path: str) -> str:
        """The ref of the package that owns what is exactly at `path`, "" where none does."""
        return self._owners.get(path, "")

    def state(self, path: str) -> State:
        """What is to be said of the file at `path`, "" where it is as its package says, or no package's."""
        return self._states.get(path, "")

    def layer(self, ref: str) -> int | None:
        """The layer that most of a package's files are from, the lowest of several."""
        counts = self._layers.get(ref)
        return min(counts, key=lambda layer: (-counts[layer], layer)) if counts else None

    def integrity(self) -> Integrity:
        """All of it, when every reader was asked."""
        said: dict[str, list[str]] = {state: [] for state in _RANK}
        for path, state in self._states.items():
            if state:
                said[state].append(path)
        absent = {role: sorted(path for path, each in self._absent.items() if each == role) for role in _ROLES}
        unowned = (path for path, fact in self._facts.items() if fact.type == "file" and path not in self._owners)
        return Integrity(
            altered=tuple(sorted(said["altered"])),
            missing=tuple(absent["content"]),
            unowned=tuple(sorted(unowned)),
            unchecked=tuple(sorted(said["unchecked"])),
            configured=tuple(sorted((*said["configured"], *absent["config"]))),
            spared=tuple(absent["spare"]),
        )

    def _there(self, path: str) -> FileFact | None:
        """What is at `path`, where links to folders lead; a link that is its last part is itself."""
        found = self._facts.get(path)
        if found is not None:
            return found
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = _folder(self._contents.files, folder)
        real = self._folders[folder]
        return self._facts.get(f"{real}/{name}" if real else name) if real is not None else None

    def _state(self, each: Owned, fact: FileFact) -> State:
        if each.link:
            same = fact.type == "symlink" and fact.target == each.link
            return "" if same else _changed(each)
        if not each.algorithm:
            return "unchecked" if fact.type == "file" and each.role != "config" else ""
        if fact.type == "symlink":
            return "" if self._link_is(each, fact) else _changed(each)
        if fact.type != "file":
            return _changed(each)
        found = self._contents.files.digest(fact.path, each.algorithm)
        if found is None:
            return "unchecked"
        return "" if found == each.digest else _changed(each)

    def _link_is(self, each: Owned, fact: FileFact) -> bool:
        """apk says the digest of where a link leads; the others of the bytes that are found through it."""
        target = fact.target.encode("utf-8", "surrogateescape")
        if hashlib.new(each.algorithm, target, usedforsecurity=False).digest() == each.digest:
            return True
        led = self._contents.files.resolve(fact.path)
        return led is not None and self._contents.files.digest(led.path, each.algorithm) == each.digest


_ROLES: Final = ("content", "config", "spare")


def _changed(each: Owned) -> State:
    return "configured" if each.role == "config" else "altered"


def _folder(files: Files, folder: str) -> str | None:
    """The folder that is found at `folder`, None where none is."""
    if not folder:
        return ""
    found = files.resolve(folder)
    return found.path if found is not None and found.type == "directory" else None
