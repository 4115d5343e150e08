"""Verdicts, SBOMs and scans beside the images that an index lists: a no to one of them is a no to what holds it.

* looked for once the index is signed, and where the policy listens to somebody's verdicts, or the rule asks for an
  SBOM or about vulnerabilities: a request for each image
* nothing else that lies there counts: what is signed is the index. What cannot be told is judged, and denies where that
  cannot be done
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.formats.base64_text import decode
from verifier.formats.intoto.sbom import is_sbom
from verifier.formats.intoto.scan import is_scan
from verifier.formats.json import strict_json
from verifier.sources.beside import Format, beside

if TYPE_CHECKING:
    from verifier.core.artifact import Artifact
    from verifier.core.limits import Limits
    from verifier.sources.place import Place


def asking(place: Place, artifact: Artifact, limits: Limits) -> Callable[[str], Sequence[Document | Refused]]:
    """What looks for evidence at `place`, about the document that evidence is about, or about the artifact's parts."""
    about = artifact.meant()[0].digest

    def ask(format_: str) -> Sequence[Document | Refused]:
        of_parts, _, named = format_.rpartition(":")
        if not of_parts:
            return beside(place, about, cast("Format", named), limits=limits)
        kept: Format = "att" if named == "legacy" else "bundle"
        return beside_parts(place, artifact, kept, limits=limits)

    return ask


def beside_parts(
    place: Place, artifact: Artifact, format_: Format, *, limits: Limits
) -> tuple[Document | Refused, ...]:
    """What may be a verdict about, an SBOM or a scan of, one of the artifact's parts, in the order of their digests."""
    others = artifact.parts() - {artifact.meant()[0].digest}
    return tuple(
        each
        for digest in sorted(others, key=str)
        for each in beside(place, digest, format_, limits=limits)
        if isinstance(each, Refused) or _may_be_of_a_part(each)
    )


def _may_be_of_a_part(document: Document) -> bool:
    """Whether nothing says that a statement is of another type; nothing of it is proven yet."""
    try:
        said = strict_json.loads(
            document.content[document.content.find(b"{") :], subject=document.name, max_depth=MAX_ENVELOPE_DEPTH
        )
        envelope = said.get("dsseEnvelope", said) if isinstance(said, dict) else None
        if isinstance(envelope, dict) and "mimeType" in envelope:
            return True  # cosign's old tags hold attestations of every kind: each is judged
        payload = envelope.get("payload") if isinstance(envelope, dict) else None
        statement = strict_json.loads(decode(str(payload)), subject=document.name, max_depth=MAX_ENVELOPE_DEPTH)
    except (Refused, ValueError):
        return True
    if not isinstance(statement, dict):
        return True
    said = statement.get("predicateType")
    return said == VERIFICATION_SUMMARY or is_sbom(said) or is_scan(said)
