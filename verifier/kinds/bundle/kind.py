"""Rego bundles as a kind of artifact: what all the files of this folder come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.errors import Refused
from verifier.kinds.bundle import capabilities, digests, names, versions
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.bundle.facts import facts
from verifier.kinds.bundle.inside import inside
from verifier.kinds.bundle.modules import analyse_modules
from verifier.kinds.kind import Kind, Reading

if TYPE_CHECKING:
    from verifier.evidence.contents import Contents
    from verifier.evidence.inspection import Evidence


def _read(content: bytes, reading: Reading) -> Artifact:
    try:
        bundle = read_bundle(
            content,
            name=reading.name,
            resource_uri=reading.resource_uri,
            limits=reading.limits,
            mode=reading.mode,
            budget=reading.budget,
        )
    except Refused as refusal:
        from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

        raise named(refusal, content, place="bundle") from None
    if reading.place is None and reading.whereabouts is None:
        return bundle
    from verifier.kinds.bundle.in_registry import lying  # noqa: PLC0415 - few are read where more can be asked for

    return lying(bundle, reading)


def _contents(artifact: Artifact, evidence: Evidence) -> tuple[Contents, ...]:
    from verifier.kinds.bundle import contents  # noqa: PLC0415 - few ask what is in it

    return contents.contents(artifact, evidence)


KIND = Kind(
    name="bundle",
    read=_read,
    inside=inside,
    modules=analyse_modules,
    facts=facts,
    versions=versions.PLACES,
    contents=_contents,
    checks=((digests.NAME, digests.check), (names.NAME, names.check), (capabilities.NAME, capabilities.check)),
)
