"""An index with its old signature as `cosign save` writes them: an OCI layout, whose entries say what they are."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.images.cosign.layers import payload_of, signed_by
from tests.support.images.made import MemoryPlace, layer
from tests.support.images.place import EMPTY, EMPTY_TYPE, described
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST

KIND = "dev.cosignproject.cosign"


class Saved:
    """A layout with an index of one image, signed by `key`; what it holds by what that is."""

    def __init__(self, folder: Path, key: str = "p256") -> None:
        self.folder, place = folder, MemoryPlace()
        self.layer = layer({"app": b"#!"})
        self.image = place.image([self.layer])
        self.index = place.index(self.image)
        payload, media_type, annotations = signed_by(key, payload_of(self.index["digest"]))
        place.blob_of(EMPTY, EMPTY_TYPE)
        signature = described(payload, media_type, annotations=annotations)
        place.blob_of(payload, media_type)
        signatures = place.document({"config": described(EMPTY, EMPTY_TYPE), "layers": [signature]})
        self.packed = json.loads(place.documents[self.image["digest"]][1])["layers"][0]
        self._write(place, signatures)

    def blob(self, description: dict) -> Path:
        return self.folder / "blobs" / "sha256" / description["digest"].removeprefix("sha256:")

    def _write(self, place: MemoryPlace, signatures: dict) -> None:
        self.blob(self.image).parent.mkdir(parents=True)
        for digest, content in place.blobs.items():
            self.blob({"digest": digest}).write_bytes(content)
        for digest, (_, content) in place.documents.items():
            self.blob({"digest": digest}).write_bytes(content)
        entries = [
            {**self.index, "annotations": {"kind": f"{KIND}/imageIndex"}},
            {**signatures, "mediaType": OCI_MANIFEST, "annotations": {"kind": f"{KIND}/sigs"}},
        ]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        (self.folder / "index.json").write_text(json.dumps(index))
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
