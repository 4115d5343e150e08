"""Is every dependency pinned to one version, or one commit, and to its bytes?

* a branch, a tag and a short commit are no pins: they can be moved
* MD5 and SHA-1 name no bytes: a file that has nothing better has no digest
* what is a folder of the project itself needs neither
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.bom.component import FILE, Component, Hash, Origin
from verifier.sbom.locks.private import sources_of, subject_of
from verifier.sbom.locks.rows.merged import CONSTRAINT
from verifier.sbom.locks.rows.places import LOCAL, is_commit

WEAK: Final = frozenset({"MD5", "SHA-1"})
"""Algorithms whose digests can be made to collide."""
_ELSEWHERE: Final = frozenset({"", FILE, "deb", "rpm", "apk", "generic", "oci"})
_BY_FILE: Final = frozenset({"registry", "url", "unrecorded"})


def judge_pins(components: Iterable[Component]) -> tuple[Reason, ...]:
    """`dependency.unpinned` and `dependency.hash-missing`, at most one of each a component."""
    reasons = []
    for component in components:
        sources = sources_of(component) or (Origin("unrecorded"),)
        if not _judged(component, sources):
            continue
        subject = subject_of(component)
        if said := _unpinned(component, sources):
            reasons.append(Reason(code="dependency.unpinned", subject=subject, message=said))
        if any(source.kind in _BY_FILE for source in sources) and (said := _without_hash(component)):
            reasons.append(Reason(code="dependency.hash-missing", subject=subject, message=said))
    return tuple(reasons)


def _judged(component: Component, sources: Iterable[Origin]) -> bool:
    if all(source.kind in LOCAL for source in sources):
        return False
    return component.ecosystem not in _ELSEWHERE or component.origin is not None


def _unpinned(component: Component, sources: Iterable[Origin]) -> str:
    for source in sources:
        if source.kind == "git" and not is_commit(source.revision):
            seen = f"{source.revision[:100]!r}, which is no commit" if source.revision else "no commit"
            return f"it is taken from a repository at {seen}"
    if any(source.kind == "git" for source in sources) or component.version:
        return f"its version is {component.version!r}" if "*" in (component.version or "") else ""
    asked = next((value for name, value in component.properties if name == CONSTRAINT), "")
    if all(source.kind in {"url", "path"} for source in sources):
        return ""  # its bytes are pinned, or missed, by their digest
    return f"it has no version, and asks for {asked!r}" if asked else "it has no version"


def _without_hash(component: Component) -> str:
    if not component.distributions:
        return "" if _strong(component.hashes) else "no digest of any file is recorded"
    bare = [each for each in component.distributions if not _strong(each.hashes)]
    if not bare:
        return ""
    weak = sorted({each.algorithm for file in bare for each in file.hashes})
    by = f" but by {', '.join(weak)}" if weak else ""
    return f"{len(bare)} of {len(component.distributions)} files have no digest{by}"


def _strong(hashes: Iterable[Hash]) -> bool:
    return any(each.algorithm not in WEAK for each in hashes)
