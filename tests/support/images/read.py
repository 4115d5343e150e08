"""Images as they are after they were read, of as many platforms as a test wants, without a registry."""

from __future__ import annotations

import json

from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.formats.oci.config import OCI_CONFIG, ImageConfig, parse_config
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, parse_manifest
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.artifact import Image, PlatformImage

REPOSITORY = "registry.acme.example/acme/app"


def config(labels=None, layers=("base",), platform="linux/amd64") -> ImageConfig:
    """A config that was read; each of `layers` stands for one whose content is that text."""
    system, architecture = platform.split("/")[:2]
    document = {
        "os": system,
        "architecture": architecture,
        "config": {"Labels": labels or {}},
        "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(each.encode())) for each in layers]},
    }
    return parse_config(json.dumps(document).encode(), subject="config")


def platform_image(platform="linux/amd64", *, labels=None, layers=("base",), read=True, **annotations) -> PlatformImage:
    """One image that runs; its manifest's annotations have names without dots here."""
    found = config(labels, layers, platform)
    content = _manifest(found, annotations)
    return PlatformImage(
        digest=Digest.of(content),
        size=len(content),
        media_type=OCI_MANIFEST,
        manifest=parse_manifest(content, content_type=OCI_MANIFEST, subject="manifest"),
        platform=parse_platform(platform),
        config=found if read else None,
    )


def image(*platforms: PlatformImage, name="app", tag="1.0.0", repository=REPOSITORY, **annotations) -> Image:
    """The index of `platforms`, or with the one the image itself; `annotations` are the index's."""
    if len(platforms) == 1 and not annotations:
        one = platforms[0]
        content = _manifest(one.config or config(), dict(one.manifest.annotations))
        return _image(content, OCI_MANIFEST, (replace(one, digest=Digest.of(content)),), name, tag, repository)
    return _image(_index(platforms, annotations), OCI_INDEX, platforms, name, tag, repository)


def chosen(index: Image, number: int) -> Image:
    """The one platform of an index that was asked for."""
    one = index.platforms[number]
    return replace(index, digest=one.digest, read=one.manifest, platforms=(one,), index=index.digest)


def _image(content, media_type, platforms, name, tag, repository) -> Image:
    return Image(
        name=name,
        resource_uri=f"oci://{repository}",
        digest=Digest.of(content),
        content=content,
        read=parse_manifest(content, content_type=media_type, subject=name),
        platforms=platforms,
        repository=repository,
        tag=tag,
    )


def _manifest(found: ImageConfig, annotations) -> bytes:
    about = repr(found).encode()
    described = {"mediaType": OCI_CONFIG, "digest": str(Digest.of(about)), "size": len(about)}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 1}
    layers = [{**layer, "digest": str(each)} for each in found.diff_ids]
    return json.dumps(
        {"schemaVersion": 2, "config": described, "layers": layers, "annotations": annotations}, sort_keys=True
    ).encode()


def _index(platforms, annotations) -> bytes:
    listed = [
        {
            "mediaType": OCI_MANIFEST,
            "digest": str(each.digest),
            "size": each.size,
            "annotations": {"version": "9.9.9"},
            "platform": {"os": each.platform.os, "architecture": each.platform.architecture},
        }
        for each in platforms
    ]
    return json.dumps({"schemaVersion": 2, "manifests": listed, "annotations": annotations}, sort_keys=True).encode()
