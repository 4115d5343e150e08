"""A Rego bundle as OPA, oras and conftest expect it in a registry: one layer, and a config that tells its diff_id.

* the layer is the archive as it is, of the type that OPA takes for the bundle
* the config is an image's own, so that whoever checks images (`crane validate`, `verify image`) finds it sound; it is
  for no platform, as nothing in it runs
* the same archive and annotations make the same manifest: no file name, no time

Source: OPA `v1/download/oci_download.go`; oras names the file that it pulls by `org.opencontainers.image.title`.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Final

from verifier.core.digest import Digest
from verifier.formats.oci.config import OCI_CONFIG
from verifier.formats.oci.manifest import BUNDLE_LAYER, OCI_MANIFEST
from verifier.formats.oci.write import write_config, write_manifest
from verifier.publish.push.written import Part, held, manifest_of

TITLE: Final = "org.opencontainers.image.title"
CREATED: Final = "org.opencontainers.image.created"
_FILE: Final = "bundle.tar.gz"
"""What the bundle is called once it is pulled, whatever it was called when it was pushed."""
_NO_PLATFORM: Final = "unknown"


def bundle_part(content: bytes, *, annotations: tuple[tuple[str, str], ...] = ()) -> Part:
    """The manifest of the bundle in `content`, an archive that was read before, with its blobs."""
    layer = held(content, BUNDLE_LAYER, annotations=((TITLE, _FILE),))
    config = held(write_config([_diff_id(content)], platform=_NO_PLATFORM), OCI_CONFIG)
    written = write_manifest(config=config.descriptor, layers=[layer.descriptor], annotations=annotations)
    return Part(manifest=manifest_of(written, OCI_MANIFEST, annotations=annotations), blobs=(config, layer))


def _diff_id(content: bytes) -> Digest:
    """The digest of what is packed. Its size was bounded when the archive was read."""
    hashed, rest = hashlib.sha256(), content
    while rest:
        unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
        hashed.update(unpacking.decompress(rest))
        hashed.update(unpacking.flush())
        rest = unpacking.unused_data
    return Digest(algorithm="sha256", value=hashed.hexdigest())
