"""An image pushed to a real registry over plain HTTP, and what we say of it there."""

from __future__ import annotations

import json
import urllib.request

from tests.support.images.place import manifest_of
from tests.support.material import NOW
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.engine.verification import Verification
from verifier.formats.oci.config import OCI_CONFIG
from verifier.formats.oci.manifest import OCI_MANIFEST
from verifier.net.access import Access
from verifier.sources.content import Remote
from verifier.sources.registry import RegistryPlace
from verifier.trust.model import TrustPolicy


def push_image(host: str, name: str, content: bytes, *, tag: str = "1") -> Digest:
    """Push a manifest with one layer of `content`; its digest."""
    rootfs = {"type": "layers", "diff_ids": [str(Digest.of(content))]}
    config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": rootfs}).encode()
    for blob in (config, content):
        _push_blob(host, name, blob)
    layer = (content, "application/vnd.oci.image.layer.v1.tar", {})
    manifest = manifest_of([layer], config=(config, OCI_CONFIG))
    _put(f"http://{host}/v2/{name}/manifests/{tag}", manifest, OCI_MANIFEST)
    return Digest.of(manifest)


def _push_blob(host: str, name: str, content: bytes) -> None:
    start = urllib.request.Request(f"http://{host}/v2/{name}/blobs/uploads/", data=b"", method="POST")
    with urllib.request.urlopen(start) as answer:  # noqa: S310  (loopback, ours)
        where = answer.headers["Location"]
    url = where if where.startswith("http") else f"http://{host}{where}"
    _put(f"{url}{'&' if '?' in url else '?'}digest={Digest.of(content)}", content, "application/octet-stream")


def _put(url: str, content: bytes, media_type: str) -> None:
    request = urllib.request.Request(url, data=content, method="PUT", headers={"Content-Type": media_type})  # noqa: S310
    with urllib.request.urlopen(request):  # noqa: S310  (as above)
        pass


def judge(reference: str, policy: TrustPolicy, *, now=NOW, **asked) -> Verification:
    """What we say of a reference in a registry."""
    place = RegistryPlace(reference, Access(), DEFAULT_LIMITS)
    try:
        return verify_artifact(
            Request(
                kind="image",
                source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
                name="app",
                policy=policy,
                now=now,
                correlation_id="registry",
                **asked,
            )
        )
    finally:
        place.close()
