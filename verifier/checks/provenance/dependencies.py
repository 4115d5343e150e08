"""Dependency levels: what the verdicts that were given say about the dependencies that provenance lists.

Source: https://slsa.dev/spec/v1.2/verification_summary#dependencyLevels, https://slsa.dev/spec/v1.2/verifying-artifacts,
step 3.

* each dependency counts once a track, at the highest level that any verdict about it has
* a dependency without a verdict is unevaluated, never left out
* a verdict is about a dependency that has one of its digests, and none of its algorithms with another value
* a verdict that says FAILED gives no level
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from verifier.core.digest import Digest
from verifier.evidence.attested import DependencyVerdict
from verifier.formats.intoto.provenance import Provenance
from verifier.formats.intoto.statement import ResourceDescriptor
from verifier.formats.intoto.vsa import track_level

_FAILED = "FAILED"
_BUILD = "BUILD"


def dependency_levels(provenance: Provenance, verdicts: Iterable[DependencyVerdict]) -> Mapping[str, int]:
    """How many of the resolved dependencies have each level, as a summary's `dependencyLevels`."""
    about: dict[Digest, list[DependencyVerdict]] = defaultdict(list)
    for verdict in verdicts:
        for digest in verdict.digests:
            about[digest].append(verdict)
    counts: Counter[str] = Counter()
    for dependency in _distinct(provenance.resolved_dependencies):
        counts.update(_levels(dependency, about))
    return dict(sorted(counts.items()))


def _distinct(dependencies: Sequence[ResourceDescriptor]) -> Iterable[ResourceDescriptor]:
    """Each dependency once: the same bytes under two names are one, without digests the name decides."""
    return {(frozenset(each.digests) or each.name): each for each in dependencies}.values()


def _levels(dependency: ResourceDescriptor, about: Mapping[Digest, list[DependencyVerdict]]) -> set[str]:
    own = {digest.algorithm: digest.value for digest in dependency.digests}
    tracks: dict[str, int] = {}
    others: set[str] = set()
    for verdict in (each for digest in dependency.digests for each in about.get(digest, ())):
        if _FAILED in verdict.levels or any(own.get(d.algorithm, d.value) != d.value for d in verdict.digests):
            continue
        for level in verdict.levels:
            track, number = track_level(level) or (None, None)
            if track is None:
                others.add(level)
            elif number is not None:
                tracks[track] = max(number, tracks.get(track, 0))
    named = {f"SLSA_{track}_LEVEL_{number}" for track, number in tracks.items()}
    if _BUILD not in tracks:
        named.add(f"SLSA_{_BUILD}_LEVEL_UNEVALUATED")
    return named | others
