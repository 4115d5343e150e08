"""Where two locks of one project pin one package differently: whoever installs by the other gets something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.bom.component import Hash
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.merged import hashes_of

_SHOWN: Final = 4

Pins = dict[str, dict[str, set[Hash]]]
"""By normalised name and version ("" for none), all digests."""


def disagreements(locks: Sequence[Lock]) -> tuple[Reason, ...]:
    """One reason, an error, for each package that is in several locks with other versions, or with the same version
    and no digest in common."""
    pins = [(lock.path, _pins(lock)) for lock in locks]
    reasons = []
    for name in sorted({name for _, each in pins for name in each}):
        having = [(path, each[name]) for path, each in pins if name in each]
        if len(having) > 1 and (message := _difference(having)):
            reasons.append(Reason(code="dependency.locks-disagree", subject=f"pkg:pypi/{name}", message=message))
    return tuple(reasons)


def _pins(lock: Lock) -> Pins:
    found: Pins = {}
    for row in lock.rows:
        if row.named and not row.root:
            versions = found.setdefault(normalised(row.name), {})
            versions.setdefault(row.version or "", set()).update(hashes_of(row))
    return found


def _difference(having: list[tuple[str, dict[str, set[Hash]]]]) -> str:
    """What two locks say differently of one package, "" where nothing."""
    (first, known), *others = having
    if any(versions.keys() != known.keys() for _, versions in others):
        said = [f"{path} pins {_shown(versions)}" for path, versions in having[:_SHOWN]]
        return "; ".join(said)
    for path, versions in others:
        for version, hashes in versions.items():
            if hashes and known[version] and not hashes & known[version]:
                return f"{path} has other digests of {version or 'it'} than {first}"
    return ""


def _shown(versions: dict[str, set[Hash]]) -> str:
    named = sorted(version or "no version" for version in versions)
    return ", ".join(named[:_SHOWN]) + (" and more" if len(named) > _SHOWN else "")
