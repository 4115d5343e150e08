"""What a row of fixtures/images/cosign-differences.toml is: an image in a registry, and what is there beside it.

Each function takes a `Scene` and makes its row of it; a row's name is the function's, with dashes.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.support.images.cosign.bundles import attach_bundle, bundle_of
from tests.support.images.cosign.layers import payload_of, signed_by
from tests.support.images.cosign.served import NAME, Served
from tests.support.images.place import BUNDLE, DSSE, EMPTY, SIMPLE_SIGNING, MemoryPlace, described, manifest_of
from tests.support.images.signed import cosign_statement, trusting
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.engine.verification import Verification
from verifier.formats.oci.config import OCI_CONFIG
from verifier.formats.oci.manifest import OCI_MANIFEST
from verifier.ledger.absent import NoLedger
from verifier.net.access import Access
from verifier.sources.content import Remote
from verifier.sources.registry import RegistryPlace
from verifier.trust.sections.version import VersionFrom
from verifier.trust.tables.verifiers import VerifierRule

VSA = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://example.org/verifier"
KEY = "p256"


class Scene:
    """One image in a served repository, and a policy that listens to one key."""

    def __init__(self, place: MemoryPlace, serving: Served) -> None:
        self.place, self.serving = place, serving
        self.reference = serving.by_digest
        self.rule: dict = {"verifiers": (VerifierRule(name="v", signer=KEY, id=VERIFIER),)}
        self.accepted: list[str] = []
        """References that the ledger has accepted before."""

    def judge(self) -> Verification:
        """What we say of the reference."""
        ledger = MemoryLedger() if self.accepted else NoLedger()
        for each in self.accepted:
            assert self._verify(each, ledger).verdict.passed
        self.serving.asked.clear()
        return self._verify(self.reference, ledger)

    def _verify(self, reference: str, ledger) -> Verification:
        place = RegistryPlace(reference, Access(), DEFAULT_LIMITS)
        request = Request(
            kind="image",
            source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
            name="app",
            policy=trusting(KEY, **self.rule),
            now=NOW,
            correlation_id="difference",
            ledger=ledger,
            record=not isinstance(ledger, NoLedger),
        )
        try:
            return verify_artifact(request)
        finally:
            place.close()

    def sign(self, **said) -> None:
        """Attach a bundle of cosign's to the image."""
        attach_bundle(self.place, KEY, **said)

    def legacy(self, payload: bytes | None = None, *, media_type: str = SIMPLE_SIGNING) -> None:
        """Put a signed payload under the old tag."""
        content, _, annotations = signed_by(KEY, payload or self.payload())
        self.place.tag_layers("sig", (content, media_type, annotations))

    def payload(self, **said) -> bytes:
        return payload_of(self.place.digest, **({"repository": f"{self.serving.host}/{NAME}"} | said))

    def another(self, content: bytes, **said) -> Digest:
        """Another image in the repository, signed."""
        layer = (content, "application/vnd.oci.image.layer.v1.tar", {})
        manifest = manifest_of([layer], config=(EMPTY, OCI_CONFIG))
        digest = self.place.put(manifest, OCI_MANIFEST)
        statement = cosign_statement(digest, **said)
        bundle = bundle_of(KEY, statement)
        self.place.put(bundle)
        attached = manifest_of([(bundle, BUNDLE, {})], subject=described(manifest, OCI_MANIFEST), artifact_type=BUNDLE)
        self.place.put(attached, OCI_MANIFEST)
        self.serving.listed[str(digest)] = [described(attached, OCI_MANIFEST, artifactType=BUNDLE)]
        return digest


def verdict(result: str) -> dict:
    return {
        "verifier": {"id": VERIFIER},
        "timeVerified": "2026-11-20T12:00:00Z",
        "resourceUri": "registry.acme.example/acme/app",
        "policy": {"uri": "https://example.org/policy"},
        "verificationResult": result,
        "verifiedLevels": ["FAILED" if result == "FAILED" else "SLSA_BUILD_LEVEL_3"],
    }


def failed_verdict_alone(scene: Scene) -> None:
    scene.sign(kind=VSA, **verdict("FAILED"))


def failed_verdict_beside(scene: Scene) -> None:
    scene.sign()
    scene.sign(kind=VSA, **verdict("FAILED"))


def sbom_alone(scene: Scene) -> None:
    scene.sign(kind="https://cyclonedx.org/bom", bomFormat="CycloneDX")


def scan_alone(scene: Scene) -> None:
    scene.sign(kind="https://cosign.sigstore.dev/attestation/vuln/v1", scanner={})


def two_subjects(scene: Scene) -> None:
    ours = {"digest": {"sha256": scene.place.digest.value}}
    scene.sign(subjects=[{"digest": {"sha256": "ab" * 32}}, ours])


def second_digest(scene: Scene) -> None:
    scene.sign(subjects=[{"digest": {"sha256": scene.place.digest.value, "sha512": "ab" * 64}}])


def _versioned(scene: Scene) -> None:
    scene.rule["version"] = VersionFrom(source="claim:version", scheme="semver")
    scene.sign(claims={"version": "1.4.0"})
    scene.reference = scene.serving.by_tag


def tag_moved_back(scene: Scene) -> None:
    _versioned(scene)
    newer = scene.another(b"newer", claims={"version": "1.5.0"})
    scene.accepted = [f"{scene.serving.host}/{NAME}@{newer}"]


def signed_again(scene: Scene) -> None:
    _versioned(scene)
    other = scene.another(b"other", claims={"version": "1.4.0"})
    scene.accepted = [f"{scene.serving.host}/{NAME}@{other}"]


def tag_moved_meanwhile(scene: Scene) -> None:
    # Somebody's bundle, by which cosign finds the format.
    attach_bundle(scene.place, "p256-2")
    scene.serving.moved = scene.another(b"another")
    scene.reference = scene.serving.by_tag


def _listing(scene: Scene, status: int, body: bytes, media_type: str = "application/json") -> None:
    scene.legacy()
    scene.serving.instead["referrers"] = (status, body, media_type)


def referrers_500(scene: Scene) -> None:
    _listing(scene, 500, b"{}")


def referrers_401(scene: Scene) -> None:
    _listing(scene, 401, b"{}")


def referrers_403(scene: Scene) -> None:
    _listing(scene, 403, b"{}")


def referrers_html(scene: Scene) -> None:
    _listing(scene, 200, b"<html>not here</html>", "text/html")


def referrers_array(scene: Scene) -> None:
    _listing(scene, 200, b"[]", "application/vnd.oci.image.index.v1+json")


def referrer_of_other_bytes(scene: Scene) -> None:
    scene.sign()
    scene.legacy()
    listed = scene.place.listed[0]["digest"]
    scene.serving.instead[f"manifests {listed}"] = (200, scene.place.blobs[Digest.parse(listed)] + b" ", OCI_MANIFEST)


def copied_from_elsewhere(scene: Scene) -> None:
    scene.legacy(scene.payload(repository="registry.acme.example/acme/other"))


def image_is_not_there(scene: Scene) -> None:
    scene.legacy()
    del scene.place.blobs[scene.place.digest]


def other_bytes(scene: Scene) -> None:
    scene.sign()
    scene.serving.instead[f"manifests {scene.place.digest}"] = (200, scene.place.content + b" ", OCI_MANIFEST)


def type_wrong(scene: Scene) -> None:
    scene.legacy(scene.payload(kind="a receipt"))


def type_empty(scene: Scene) -> None:
    scene.legacy(scene.payload(kind=""))


def key_twice(scene: Scene) -> None:
    name = b'"docker-manifest-digest"'
    scene.legacy(scene.payload().replace(name, name + b':"sha256:%s",' % (b"ab" * 32) + name))


def key_in_capitals(scene: Scene) -> None:
    scene.legacy(scene.payload().replace(b'"docker-manifest-digest"', b'"Docker-Manifest-Digest"'))


def layer_of_text(scene: Scene) -> None:
    scene.legacy(media_type="text/plain")


def layer_of_dsse(scene: Scene) -> None:
    scene.legacy(media_type=DSSE)


def second_page(scene: Scene) -> None:
    scene.place.attach(b"junk", "application/spdx+json")
    scene.sign()
    scene.serving.pages = 1


def subject_is_another(scene: Scene) -> None:
    bundle = bundle_of(KEY, cosign_statement(scene.place.digest))
    scene.place.attach(bundle, subject=described(b"another image", OCI_MANIFEST))


BUILDERS: dict[str, Callable[[Scene], None]] = {
    name.replace("_", "-"): made
    for name, made in list(globals().items())
    if callable(made)
    and not name.startswith("_")
    and getattr(made, "__module__", "") == __name__
    and name not in ("Scene", "verdict")
}
