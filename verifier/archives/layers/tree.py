"""The file system that an image's layers make together, as a table: what a container would see.

* each entry knows the layer that it comes from
* whiteouts act on lower layers only, whatever their place in their layer
* a hard link is what it names: in its own layer, or in the tree below it; anything else is refused
* nothing is followed out of the root: `..` stops there, as under `chroot`

Where runtimes differ (a name below a symbolic link of a lower layer), the tree has what containerd makes of it, and
notes that; a whiteout through such a link removes nothing here, so that nothing is taken for gone that may be there.

Source: OCI image specification 1.1, layer.md; formats/images.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from verifier.archives.layers.notes import BUILD_AGAIN, Notes
from verifier.archives.layers.table import Entry, LayerTable
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason

MOST_LINKS = 40
"""Symbolic links that are followed for one path, as Linux does."""
MAX_STEPS = 32_000_000
"""Segments of paths that are gone through to put an image's layers upon each other: a million paths have eight each."""
_IMPLIED_MODE = 0o755
STICKY = 0o1000
_LENDING = 0o6002
"""Setuid, setgid, and that everybody may write."""


class Linked(NamedTuple):
    """The path, without links, of the file that a hard link names; and what that was a hard link to, if it was one."""

    path: str
    before: Linked | None


class Placed(NamedTuple):
    """An entry of the tree, and the number of the layer, from 0, that it comes from. A hard link has what it is
    `linked` to, also where that is gone."""

    entry: Entry
    layer: int
    linked: Linked | None = None


class _Directory:
    """A directory of the tree; what is in it is a `Placed`, or another directory."""

    __slots__ = ("children", "placed")

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.children: dict[str, _Node] = {}


_Node: TypeAlias = "Placed | _Directory"


class Tree:
    """What `merge` has made of an image's layers. `notes` are warnings about what runtimes do differently."""

    def __init__(self, root: _Directory, notes: tuple[Reason, ...]) -> None:
        self._root = root
        self.notes = notes

    def find(self, path: str) -> Placed | None:
        """What stands at exactly this path, which is written as in `Entry`; no link is followed."""
        node: _Node = self._root
        for name in filter(None, path.split("/")):
            below = node.children.get(name) if isinstance(node, _Directory) else None
            if below is None:
                return None
            node = below
        return _placed(node)

    def resolve(self, path: str) -> Placed | None:
        """What a process in the container would find at this path; None where that is nothing, or links without end."""
        node = _resolve(self._root, path, _Steps(path))
        return None if node is None else _placed(node)

    def __iter__(self) -> Iterator[Placed]:
        """Every entry but the root, a directory before what is in it; also directories that only names tell of."""
        waiting = [iter(self._root.children.values())]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
                continue
            yield _placed(node)
            if isinstance(node, _Directory):
                waiting.append(iter(node.children.values()))


def merge(layers: Sequence[LayerTable], *, subject: str) -> Tree:
    """Put the layers, lowest first, upon each other; `Refused` where one of them cannot be put there."""
    root = _Directory(Placed(Entry("", "directory", _IMPLIED_MODE, 0, 0, 0), 0))
    notes, steps = Notes(subject), _Steps(subject)
    for number, layer in enumerate(layers):
        _Merge(root, number, notes, steps).add(layer)
    return Tree(root, notes.reasons)


class _Merge:
    """Puts one layer upon the tree of those below it."""

    def __init__(self, root: _Directory, number: int, notes: Notes, steps: _Steps) -> None:
        self._root, self._number, self._notes, self._steps = root, number, notes, steps
        self._folder: str | None = ""
        self._in_folder = root  # where the last entry was put: mostly the next one is too

    def add(self, layer: LayerTable) -> None:
        """First what it removes of the lower layers, then what it has itself."""
        for path in layer.opaque:
            directory = self._below(path)
            if directory is not None:
                directory.children.clear()
        for path in layer.removed:
            folder, _, name = path.rpartition("/")
            directory = self._below(folder)
            if directory is not None:
                directory.children.pop(name, None)
        for entry in layer.entries:
            if entry.path:
                self._put(entry)
            else:
                self._root.placed = Placed(entry, self._number)

    def _below(self, path: str) -> _Directory | None:
        """The directory of the lower layers at exactly this path."""
        node: _Node = self._root
        for name in filter(None, path.split("/")):
            self._steps.take()
            below = node.children.get(name) if isinstance(node, _Directory) else None
            if below is None:
                break
            node = below
        else:
            if isinstance(node, _Directory):
                return node
        if isinstance(node, Placed) and node.entry.type == "symlink":
            self._differs(path, "a whiteout")
        return None

    def _put(self, entry: Entry) -> None:
        folder, _, name = entry.path.rpartition("/")
        if folder != self._folder:
            self._folder, self._in_folder = folder, self._enter(entry.path, folder)
        directory = self._in_folder
        path = directory.placed.entry.path
        if path != folder:
            entry = entry._replace(path=f"{path}/{name}" if path else name)
        linked = None
        if entry.type == "hardlink":
            entry, linked = self._linked(entry)
        before = directory.children.get(name)
        if before is not None and (path != folder or self._contested(_placed(before), entry)):
            entry = self._beside(_placed(before), entry)
        placed = Placed(entry, self._number, linked)
        if entry.type != "directory":
            directory.children[name] = placed
        elif isinstance(before, _Directory):
            before.placed = placed
        else:
            directory.children[name] = _Directory(placed)
        if before is not None and before is not directory.children[name]:
            self._folder = None  # what was replaced may have been that one, or the link to it

    def _contested(self, before: Placed, entry: Entry) -> bool:
        """Whether this layer has put something else there, which only a link can have led it to."""
        if before.layer != self._number:
            return False
        return entry.type != "directory" or before.entry.type not in {"directory", "symlink"}

    def _beside(self, before: Placed, entry: Entry) -> Entry:
        """What stands where a link of a lower layer leads, and something is: for some runtimes both are there. Of two
        directories the one is left that lets most in; anything else is refused."""
        mode = before.entry.mode
        if before.entry.type != "directory" or entry.type != "directory":
            message = f"{entry.path!r} is a {entry.type}, and a {before.entry.type} of layer {before.layer}"
            raise self._refused("archive.duplicate-member", f"{message}, one of them through a link: some have both")
        return entry._replace(mode=(entry.mode | mode) & ~STICKY | (entry.mode & mode & STICKY))

    def _enter(self, path: str, folder: str) -> _Directory:
        """The directory to put `path` into, made where it is not there."""
        directory = self._root
        for name in filter(None, folder.split("/")):
            self._steps.take()
            node = directory.children.get(name)
            if isinstance(node, Placed) and node.entry.type == "symlink":
                self._differs(path, "a name")
                node = self._through(node, directory, path)
            if isinstance(node, Placed):
                message = f"{path!r} lies below {node.entry.path!r}, which is a {node.entry.type} of layer {node.layer}"
                raise self._refused("archive.unsafe-name", message)
            if node is None:
                node = self._implied(directory, name)
            directory = node
        return directory

    def _through(self, link: Placed, directory: _Directory, path: str) -> _Node:
        """Where a symbolic link of a lower layer leads."""
        target = link.entry.target
        start = target if target.startswith("/") else f"{directory.placed.entry.path}/{target}"
        node = _resolve(self._root, start, self._steps)
        if node is None:
            message = (
                f"{path!r} lies below {link.entry.path!r}, a symbolic link of layer {link.layer} that leads nowhere"
            )
            raise self._refused("archive.unsafe-name", message)
        return node

    def _implied(self, directory: _Directory, name: str) -> _Directory:
        parent = directory.placed.entry.path
        entry = Entry(f"{parent}/{name}" if parent else name, "directory", _IMPLIED_MODE, 0, 0, 0)
        made = _Directory(Placed(entry, self._number))
        directory.children[name] = made
        return made

    def _linked(self, link: Entry) -> tuple[Entry, Linked]:
        """What a hard link names, under the link's name, and where that is. Runtimes give the file the link's mode and
        attributes, under every name that it has: what would lend it rights is refused."""
        folder, _, name = link.target.rpartition("/")
        node = _resolve(self._root, folder, self._steps)
        found = node.children.get(name) if isinstance(node, _Directory) else None
        if found is None or isinstance(found, _Directory):
            what = "nothing" if found is None else "a directory"
            message = f"{link.path!r} is a hard link to {link.target!r}, which is {what} in this layer and below it"
            raise self._refused("archive.malformed", message)
        entry = found.entry
        if link.mode & ~entry.mode & _LENDING or (link.capability and not entry.capability):
            message = f"{link.path!r} is a hard link with more rights than the file that it names, {link.target!r}"
            raise self._refused("archive.malformed", message)
        made = entry._replace(path=link.path, mode=entry.mode | link.mode)
        return made, Linked(entry.path, found.linked)

    def _differs(self, path: str, what: str) -> None:
        message = f"{what} in layer {self._number} goes through a symbolic link of a lower layer: {path!r}"
        self._notes.add("archive.special-member", message)

    def _refused(self, code: str, message: str) -> Refused:
        return refuse(code, self._steps.subject, f"layer {self._number}: {message}", BUILD_AGAIN)


def _placed(node: _Node) -> Placed:
    return node.placed if isinstance(node, _Directory) else node


class _Steps:
    """Segments of paths that are gone through: links that lead through links are short to write and long to follow."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._left = MAX_STEPS

    def take(self) -> None:
        """One more; raises `Refused` where there were too many."""
        self._left -= 1
        if self._left < 0:
            message = f"its links and names go through more than {MAX_STEPS} directories"
            raise refuse("input.too-costly", self.subject, message)


def _resolve(root: _Directory, path: str, steps: _Steps) -> _Node | None:
    """Follow `path` from the root, links included, never above the root."""
    waiting = [name for name in reversed(path.split("/")) if name not in {"", "."}]
    above: list[_Directory] = []
    node: _Node = root
    links = 0
    while waiting:
        name = waiting.pop()
        steps.take()
        if not isinstance(node, _Directory):
            return None
        if name == "..":
            node = above.pop() if above else root
            continue
        below = node.children.get(name)
        if below is None:
            return None
        if isinstance(below, Placed) and below.entry.type == "symlink":
            links += 1
            if links > MOST_LINKS:
                return None
            target = below.entry.target
            if target.startswith("/"):
                node, above = root, []
            waiting += [each for each in reversed(target.split("/")) if each not in {"", "."}]
            continue
        above.append(node)
        node = below
    return node
