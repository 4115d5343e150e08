"""From what somebody wants published to the plan of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, replace
from verifier.formats.oci.choice import bundle_layer
from verifier.formats.oci.manifest import Descriptor, ImageManifest, parse_manifest
from verifier.publish.push.attach import Scheme, appended, referrers
from verifier.publish.push.carried import Carried
from verifier.publish.push.evidence import Evidence, evidence_in, require_about
from verifier.publish.push.signature import ReleaseSigner, legacy_signature, signature
from verifier.publish.push.written import Appended, Manifest, Part, Plan, manifest_of
from verifier.sources.beside import MAX_CANDIDATES
from verifier.sources.place import Resolved


class Wanted(Value):
    """What goes with what is published. `signer` is None where nothing is signed now; `claims` are what the signature
    says of it, and `repository` is what it names; `created` is the time that is written down, None for none."""

    documents: tuple[Document, ...] = ()
    signer: ReleaseSigner | None = None
    claims: tuple[tuple[str, str], ...] = ()
    repository: str | None = None
    scheme: Scheme = Scheme.BUNDLE
    created: str | None = None


def plan_of(parts: Sequence[Part], wanted: Wanted, *, tag: str | None, carried: Carried | None = None) -> Plan:
    """The plan of publishing `parts`, the last of which is what is meant, with what is wanted beside it, and with what
    is `carried` from where they lie."""
    plan = _plan(parts[-1].manifest, tuple(parts), wanted, tag)
    if carried is None:
        return plan
    return replace(plan, referrers=(*carried.referrers, *plan.referrers), appended=(*carried.appended, *plan.appended))


def plan_beside(there: Resolved, wanted: Wanted) -> Plan:
    """The plan of attaching what is wanted to what is there."""
    return _plan(manifest_of(there.content, there.media_type), (), wanted, None)


def bundle_in(manifest: Manifest) -> Digest | None:
    """The digest of the bundle that a manifest holds; None where it holds none, or is an index."""
    try:
        read = parse_manifest(manifest.content, content_type=manifest.media_type, subject="manifest")
        return bundle_layer(read, subject="manifest").digest if isinstance(read, ImageManifest) else None
    except Refused:
        return None


def _plan(manifest: Manifest, parts: tuple[Part, ...], wanted: Wanted, tag: str | None) -> Plan:
    subject = manifest.descriptor
    attached = _attached(wanted.documents)
    require_about(attached, subject.digest, bundle_in(manifest))
    signed = _signed(subject, wanted)
    old = () if wanted.signer is None or not wanted.scheme.appends else (_old(wanted.signer, subject, wanted),)
    return Plan(
        subject=subject,
        parts=parts,
        referrers=referrers((*signed, *attached), subject, scheme=wanted.scheme, created=wanted.created),
        appended=(*old, *appended(attached, subject.digest, scheme=wanted.scheme)),
        tag=tag,
    )


def _attached(documents: Iterable[Document]) -> list[Evidence]:
    """What is in the documents, each once; `Refused` where it is more than is read beside one artifact."""
    found = {each.content: each for document in documents for each in evidence_in(document)}
    if len(found) > MAX_CANDIDATES:
        message = f"{len(found)} documents, and no more than {MAX_CANDIDATES} are read beside one artifact"
        raise refuse("signature.too-many", "--attach", message)
    return list(found.values())


def _signed(subject: Descriptor, wanted: Wanted) -> tuple[Evidence, ...]:
    if wanted.signer is None or not wanted.scheme.refers:
        return ()
    return signature(wanted.signer, subject.digest, repository=wanted.repository, claims=wanted.claims)


def _old(signer: ReleaseSigner, subject: Descriptor, wanted: Wanted) -> Appended:
    return legacy_signature(signer, subject.digest, repository=wanted.repository, claims=wanted.claims)
