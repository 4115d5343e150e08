"""A bundle in a scripted registry, and what is attached to the manifest that names it."""

from __future__ import annotations

import json

from tests.support.images.signed import cosign_statement
from tests.support.material import envelope
from tests.support.net.registries import NAME, Registry, descriptor, digest_of, manifest
from verifier.core.digest import Digest
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST

DSSE = "application/vnd.dsse.envelope.v1+json"


class BundleRegistry:
    """What a scripted registry holds of one bundle: `lay` puts it there, `attach` says what refers to it."""

    def __init__(self, held: Registry) -> None:
        self.held = held
        self.listed: dict[str, list[dict]] = {}
        self.failing = 0

    @property
    def uri(self) -> str:
        return f"oci://{self.held.reference}"

    def lay(self, content: bytes, tag="1", **changes) -> str:
        """Put a bundle under a tag; the digest of its manifest."""
        self.held.blobs[digest_of(content)] = content
        digest = self.held.put(manifest(descriptor(content), **changes), tag)
        self._answer_for(digest)
        return digest

    def lay_index(self, digest: str, tag="1") -> str:
        """Put an index of one manifest under a tag; its digest."""
        document = self.held.manifests[digest][0]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(document, OCI_MANIFEST)]}
        found = self.held.put(json.dumps(index).encode(), tag, OCI_INDEX)
        self._answer_for(found)
        return found

    def attach(self, subject: str, content: bytes, media_type=DSSE, *, list_for="") -> str:
        """Put an artifact of one document that refers to `subject`, and list it (for another, where that is said)."""
        about = descriptor(self.held.manifests[subject][0], OCI_MANIFEST)
        self.held.blobs[digest_of(content)] = content
        document = manifest(descriptor(content, media_type), artifactType=media_type, subject=about)
        digest = self.held.put(document, digest_of(document))
        self.listed[list_for or subject].append(descriptor(document, OCI_MANIFEST, artifactType=media_type))
        return digest

    def sign(self, subject: str, key: str, **said) -> str:
        """Attach a signature as cosign makes it."""
        return self.attach(subject, envelope(cosign_statement(Digest.parse(subject), **said), key))

    @property
    def asked(self) -> list[str]:
        """What was asked for, in short: `manifests 1`, `referrers`, `blobs`."""
        return [_short(path) for path, _ in self.held.running.seen]

    def forget(self) -> None:
        self.held.running.seen.clear()

    def _answer_for(self, digest: str) -> None:
        self.listed.setdefault(digest, [])
        for tag in ("", ".sig", ".att"):
            self.held.instead[f"/v2/{NAME}/manifests/{digest.replace(':', '-')}{tag}"] = _unknown
        self.held.instead[f"/v2/{NAME}/referrers/{digest}"] = lambda exchange: self._list(exchange, digest)

    def _list(self, exchange, digest: str) -> None:
        if self.failing:
            exchange.answer(self.failing)
            return
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.listed[digest]}
        exchange.answer(body=json.dumps(index).encode(), Content_Type=OCI_INDEX)


def _unknown(exchange) -> None:
    body = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}).encode()
    exchange.answer(404, body, Content_Type="application/json")


def _short(path: str) -> str:
    kind, _, reference = path.removeprefix(f"/v2/{NAME}/").partition("/")
    return f"{kind} {reference}" if len(reference) < 5 else kind
