"""cosign's old scheme: signatures and attestations as layers of one image under a tag beside what they are about.

* what stands there stays, in its order, with all that it says; ours goes behind it, and what is there is not put there
  again
* the config says the layers and nothing else: who appends the same to the same makes the same bytes
* what stands there and is no such image is refused, not replaced

Source: cosign `specs/SIGNATURE_SPEC.md`, `specs/ATTESTATION_SPEC.md`; `pkg/oci/mutate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.formats.cosign.layer import DSSE, SIGNATURE, SIMPLE_SIGNING
from verifier.formats.json import strict_json
from verifier.formats.json.write import canonical
from verifier.formats.oci.config import OCI_CONFIG
from verifier.formats.oci.manifest import MAX_DESCRIPTORS, OCI_MANIFEST, Descriptor, ImageManifest, parse_manifest
from verifier.formats.oci.write import described, write_config, write_manifest
from verifier.publish.push.written import Appended, Blob, Manifest, held, manifest_of
from verifier.sources.place import Resolved

PREDICATE_TYPE: Final = "predicateType"
SIGNATURES, ATTESTATIONS = "sig", "att"
_KIND: Final = "cosign container image signature"


class Merged(Value):
    """The image that is to stand under the tag, with its config; None where all of ours is there."""

    manifest: Manifest
    config: Blob


def legacy_tag(subject: Digest, suffix: str) -> str:
    """The tag beside the manifest `subject`: `sha256-HEX.sig`, `.att`."""
    return f"{subject.algorithm}-{subject.value}.{suffix}"


def simple_signing(subject: Digest, *, repository: str, claims: Sequence[tuple[str, str]] = ()) -> bytes:
    """The bytes that cosign's old scheme signs: `subject`, and the repository that it is in."""
    payload = {
        "critical": {
            "identity": {"docker-reference": repository},
            "image": {"docker-manifest-digest": str(subject)},
            "type": _KIND,
        },
        "optional": dict(claims) or None,
    }
    return canonical(payload).encode()


def merged(there: Resolved | None, added: Sequence[Appended], *, subject: str) -> Merged | None:
    """What stands under the tag with `added` behind it; None where all of it is there already.

    `subject` names the tag in a refusal.
    """
    document, layers = _layers(there, subject)
    seen = {_identity(layer) for layer in layers}
    new = [each.layer.descriptor for each in added if _identity(each.layer.descriptor) not in seen]
    if there is not None and not new:
        return None
    if len(layers) + len(new) > MAX_DESCRIPTORS:
        raise refuse("input.too-large", subject, f"more than {MAX_DESCRIPTORS} layers, which nobody reads")
    config = held(write_config([each.digest for each in (*layers, *new)], platform=""), OCI_CONFIG)
    if document is None:
        content = write_manifest(config=config.descriptor, layers=new)
    else:
        document["config"] = described(config.descriptor)
        document["layers"] = [*document["layers"], *map(described, new)]
        content = canonical(document).encode()
    return Merged(manifest=manifest_of(content, there.media_type if there else OCI_MANIFEST), config=config)


def _layers(there: Resolved | None, subject: str) -> tuple[dict[str, Any] | None, tuple[Descriptor, ...]]:
    if there is None:
        return None, ()
    read = parse_manifest(there.content, content_type=there.media_type, subject=subject)
    if not isinstance(read, ImageManifest):
        raise _not_ours(subject, "an index")
    strange = next((layer for layer in read.layers if layer.media_type not in (SIMPLE_SIGNING, DSSE)), None)
    if strange is not None:
        raise _not_ours(subject, f"an image with a layer of type {strange.media_type}")
    return cast("dict[str, Any]", strict_json.loads(there.content, subject=subject)), read.layers


def _identity(layer: Descriptor) -> tuple[str, Digest, str]:
    """One payload may be signed by several keys: then the layer is one, and its signatures are several."""
    return layer.media_type, layer.digest, dict(layer.annotations).get(SIGNATURE, "")


def _not_ours(subject: str, seen: str) -> Refused:
    hint = "Look at what it is (`crane manifest`), and remove it if nobody needs it; or attach with --attach-as bundle."
    return refuse(
        "image.malformed", subject, f"{seen} stands there, expected cosign's signatures or attestations", hint
    )
