"""A lock, made of its rows."""

from __future__ import annotations

from verifier.core.value import replace
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.merged import components_of, dependencies_of, grouped, refuse_contradictions, row_ref
from verifier.sbom.locks.rows.odd import odd


def completed(read: Lock, *, edges: bool = False) -> Lock:
    """`read`, of which only what its reader knows is said, with what follows from its rows; `Refused` where they
    contradict each other. `edges` says whether the format has any."""
    by_ref = grouped(read.rows)
    refuse_contradictions(by_ref)
    nothing = () if read.rows else (odd(read.path, "it pins nothing at all"),)
    recorded = {row.origin.location for row in read.rows if row.origin.kind == "registry" and row.origin.location}
    return replace(
        read,
        components=components_of(by_ref),
        dependencies=dependencies_of(by_ref) if edges else (),
        root=next((row_ref(row) for row in read.rows if row.root), ""),
        indexes=read.indexes or tuple(sorted(recorded)),
        files=read.files or (read.path,),
        findings=(*read.findings, *nothing),
    )
