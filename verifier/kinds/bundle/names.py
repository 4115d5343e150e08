"""A bundle's name where its rule says that it stands in the manifest: a member of its metadata, or its roots.

* what stands there is a text, and is compared exactly
* roots bind a name where all of them lie in what is expected: a bundle that may write elsewhere is not this one
"""

from __future__ import annotations

from verifier.core.outcome import NotApplicable, Outcome, Passed, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.opa.manifest import Manifest
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.sections.name import ROOTS, NameRule
from verifier.trust.vocabulary import METADATA

NAME = "manifest-names"


def check(inspection: Inspection) -> Outcome:
    """Compare what the manifest says with what the rule expects."""
    given, artifact = NameRule.given(inspection.rule), inspection.artifact
    if given is None or given.source is None or not given.source.startswith((ROOTS, METADATA)):
        return NotApplicable(why="its name does not stand in the manifest")
    wanted = artifact.name if given.equals is None else given.equals
    manifest = artifact.manifest if isinstance(artifact, Bundle) else None
    if given.source == ROOTS:
        wrong = _roots(manifest, wanted)
    else:
        wrong = _metadata(manifest, given.source.removeprefix(METADATA), wanted)
    if wrong is None:
        return Passed()
    message = f"{given.source} {wrong}, expected {wanted!r}"
    return outcome_of([Reason(code="name.mismatch", subject=artifact.reference, message=message)])


def _roots(manifest: Manifest | None, wanted: str) -> str | None:
    roots = manifest.roots if manifest is not None else ("",)
    outside = [root for root in roots if root != wanted and not root.startswith(f"{wanted}/")]
    if not roots or not outside:
        return None if roots else "are none"
    return f"are {', '.join(map(repr, outside[:3]))}"


def _metadata(manifest: Manifest | None, path: str, wanted: str) -> str | None:
    value: JsonValue = dict(manifest.metadata) if manifest is not None else None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return "is absent"
    if not isinstance(value, str):
        return f"is no text but of the type {type(value).__name__}"
    return None if value == wanted else f"is {value!r:.200}"
