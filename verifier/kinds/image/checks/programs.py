"""Programs by their names, in the final tree: files that can be executed, and links that lead to one.

* a hard link to such a program is one, whatever it is called, also where the program itself was removed later
* folders, and files that cannot be executed, are none: completions, documentation and databases have these names, too
* a program that was copied under another name is not known for what it is
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.archives.layers.tree import Linked, Placed
from verifier.core.outcome import Reason
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.checks.asked import at

_EXECUTE = 0o111


def programs(platform: PlatformImage, names: frozenset[str], *, code: str, what: str) -> Iterator[Reason]:
    """A reason for each program of these names, in the order of the tree."""
    known: dict[int, str] = {}
    for placed in platform.tree or ():
        path = placed.entry.path
        name = path.rpartition("/")[2]
        if name in names:
            found = _executed(platform, placed)
            if found is not None:
                led = "" if found.entry.path == path else f", a link to /{found.entry.path}"
                yield _reason(platform, placed, code, f"{what}: {name}{led}")
        elif (target := _program(placed.linked, names, known)) and _executed(platform, placed):
            yield _reason(platform, placed, code, f"{what}: a hard link to /{target}")


def _reason(platform: PlatformImage, placed: Placed, code: str, what: str) -> Reason:
    return Reason(code=code, subject=at(platform, placed.entry.path), message=f"{what} (layer {placed.layer})")


def _executed(platform: PlatformImage, placed: Placed) -> Placed | None:
    """The file that is executed under the name of `placed`; None where that cannot be."""
    found: Placed | None = placed
    if placed.entry.type == "symlink" and platform.tree is not None:
        found = platform.tree.resolve(placed.entry.path)
    if found is None or found.entry.type not in {"file", "hardlink"} or not found.entry.mode & _EXECUTE:
        return None
    return found


def _program(linked: Linked | None, names: frozenset[str], known: dict[int, str]) -> str:
    """The program of one of these names that a hard link is, also over others; "" for none. What is `known` of each
    link stays so, and is not gone through again: a million of them may name one another."""
    passed: list[Linked] = []
    found = ""
    while linked is not None:
        if id(linked) in known:
            found = known[id(linked)]
            break
        passed.append(linked)
        if linked.path.rpartition("/")[2] in names:
            found = linked.path
            break
        linked = linked.before
    known |= dict.fromkeys(map(id, passed), found)
    return found
