"""What is published in tests: a bundle, what is said of it, and a repository in memory that several write to."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.material import private_key
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.uris import STATEMENT_V1
from verifier.publish.attest import attest
from verifier.publish.push.attach import Scheme, appended, referrers
from verifier.publish.push.bundle import bundle_part
from verifier.publish.push.evidence import evidence_in
from verifier.publish.push.execute import Published, execute, stands_for
from verifier.publish.push.target import Target
from verifier.publish.push.written import Manifest, Plan
from verifier.sources.place import Resolved

BUNDLE = pack_members([("authz/policy.rego", b"package authz\n\ndefault allow := false\n")])
OTHER_BUNDLE = pack_members([("authz/policy.rego", b"package authz\n\ndefault allow := true\n")])
SBOM = Document(name="out/sbom.cdx.json", content=b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []}')
PROVENANCE = "https://slsa.dev/provenance/v1"
REPOSITORY = "registry.acme.example/policies/authz"


def statement(*digests: Digest, predicate_type: str = PROVENANCE) -> dict:
    subjects = [{"name": "authz", "digest": {each.algorithm: each.value}} for each in digests]
    return {"_type": STATEMENT_V1, "subject": subjects, "predicateType": predicate_type, "predicate": {"by": "us"}}


def attestation(*digests: Digest, key: str = "p256", predicate_type: str = PROVENANCE) -> Document:
    """One that `key` has signed, as a DSSE envelope."""
    envelope = attest(statement(*digests, predicate_type=predicate_type), key=private_key(key), keyid=key)
    return Document(name="provenance.json", content=envelope)


def plan(content: bytes = BUNDLE, *documents: Document, scheme: Scheme = Scheme.BUNDLE, tag: str | None = "1") -> Plan:
    """The plan of a bundle with `documents`; by default with provenance and an SBOM."""
    part = bundle_part(content)
    subject = part.manifest.descriptor
    given = documents or (attestation(subject.digest), SBOM)
    evidence = tuple(each for document in given for each in evidence_in(document))
    return Plan(
        subject=subject,
        parts=(part,),
        referrers=referrers(evidence, subject, scheme=scheme),
        appended=appended(evidence, subject.digest, scheme=scheme),
        tag=tag,
    )


def publish(wanted: Plan, target: Target) -> Published:
    """Write `wanted` where nobody has decided anything before."""
    return execute(wanted, target, before=stands_for(wanted, target))


class Memory:
    """A repository in memory, which keeps the order in which things are written.

    `before` is called with the name of each step before it is taken: what it raises, the step raises.
    """

    def __init__(self, before: Callable[[str], None] = lambda _: None, *, repository: str | None = REPOSITORY) -> None:
        self.repository, self.uri = repository, f"oci://{repository}"
        self.blobs: dict[Digest, bytes] = {}
        self.manifests: dict[Digest, Manifest] = {}
        self.tags: dict[str, Digest] = {}
        self.referring: dict[Digest, list[Digest]] = {}
        self.steps: list[str] = []
        self._before = before

    def tagged(self, tag: str) -> Resolved | None:
        self._step(f"look {tag}", writes=False)
        return self.manifest(self.tags[tag]) if tag in self.tags else None

    def manifest(self, digest: Digest) -> Resolved:
        held = self.manifests[digest]
        return Resolved(content=held.content, media_type=held.media_type, digest=digest)

    def holds(self, digest: Digest) -> bool:
        return digest in self.manifests

    def refers(self, digest: Digest, subject: Digest) -> bool:
        return digest in self.referring.get(subject, [])

    def push_blob(self, blob) -> None:
        if blob.digest in self.blobs:
            return
        self._step(f"blob {blob.descriptor.media_type}")
        self.blobs[blob.digest] = b"".join(blob.pieces())
        assert Digest.of(self.blobs[blob.digest]) == blob.digest

    def push_manifest(self, manifest: Manifest) -> None:
        self._step("manifest")
        self._hold(manifest)

    def push_referrer(self, manifest: Manifest, subject: Digest) -> None:
        self._step("referrer")
        self._hold(manifest)
        self.referring.setdefault(subject, []).append(manifest.digest)

    def amend(self, tag: str, merge) -> bool:
        manifest = merge(self.tagged(tag))
        if manifest is None:
            return False
        self.tag(manifest, tag)
        return True

    def settle(self) -> None:
        self._step("settle", writes=False)

    def tag(self, manifest: Manifest, tag: str | None) -> None:
        if tag is not None:
            self._step(f"tag {tag}")
            self._hold(manifest)
            self.tags[tag] = manifest.digest

    def close(self) -> None:
        pass

    def _step(self, name: str, *, writes: bool = True) -> None:
        self._before(name)
        if writes:
            self.steps.append(name)

    def _hold(self, manifest: Manifest) -> None:
        document = json.loads(manifest.content)
        for named in [*document.get("layers", []), *([document["config"]] if "config" in document else [])]:
            assert Digest.parse(named["digest"]) in self.blobs, "a manifest goes behind the blobs that it names"
        self.manifests[manifest.digest] = manifest
