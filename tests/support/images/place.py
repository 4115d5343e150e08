"""A place in memory: what a registry's repository or a layout holds, what it lists, and what it was asked for."""

import hashlib
import json
from pathlib import Path

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.formats.oci.manifest import (
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    parse_digest,
    parse_manifest,
)
from verifier.sources.place import Referrers, Resolved

EMPTY = b"{}"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"
REPOSITORY = "registry.acme.example/acme/app"


def described(content, media_type, **more):
    """The descriptor of `content`, as a manifest writes it."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(content), **more}


def manifest_of(layers, *, config=(EMPTY, EMPTY_TYPE), subject=None, artifact_type=None, annotations=None, **more):
    """The bytes of a manifest with these layers, each content, type and annotations."""
    value = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        **({"artifactType": artifact_type} if artifact_type else {}),
        "config": described(*config),
        "layers": [
            described(content, kind, **({"annotations": noted} if noted else {})) for content, kind, noted in layers
        ],
        **({"subject": subject} if subject else {}),
        **({"annotations": annotations} if annotations else {}),
        **more,
    }
    return json.dumps(value).encode()


class MemoryPlace:
    """A `sources.place.Place`. `asked` lists every request; `failing` maps the word of one to what it raises.

    The words are `resolve`, `referrers`, `manifest DIGEST`, `blob DIGEST`, `tagged ENDING`.
    """

    def __init__(self, content=None, media_type=OCI_MANIFEST, *, repository=REPOSITORY, tag=None):
        self.uri = f"oci://{repository or 'memory'}{f':{tag}' if tag else ''}"
        self.repository, self.tag = repository, tag
        self.blobs, self.types, self.tags, self.listed = {}, {}, {}, []
        self.notes, self.failing, self.asked, self.closed = (), {}, [], False
        config = (EMPTY, "application/vnd.oci.image.config.v1+json")
        self.content = manifest_of([(b"layer", "application/vnd.oci.image.layer.v1.tar", {})], config=config)
        if content is not None:
            self.content = content
        self.digest = self.put(self.content, media_type)

    # What is there.

    def put(self, content, media_type="application/octet-stream"):
        """Keep `content`; returns its digest."""
        digest = Digest.of(content)
        self.blobs[digest], self.types[digest] = content, media_type
        return digest

    def attach(
        self, content, media_type=BUNDLE, *, says=None, subject=None, layer=None, list_as=None, annotations=None
    ):
        """Put a manifest that attaches `content` to the image, and list it; returns the manifest's digest.

        `says` is the manifest's own artifact type, `list_as` what the listing says, `layer` the layer's type.
        """
        subject = subject or described(self.content, OCI_MANIFEST)
        self.put(EMPTY)
        self.put(content)
        manifest = manifest_of(
            [(content, layer or media_type, {})],
            subject=subject or None,
            artifact_type=media_type if says is None else says,
            annotations=annotations,
        )
        digest = self.put(manifest, OCI_MANIFEST)
        self.list(manifest, media_type if list_as is None else list_as, annotations)
        return digest

    def list(self, manifest, artifact_type=None, annotations=None):
        """Let the listing say that `manifest` refers to the image."""
        more = {"artifactType": artifact_type} if artifact_type else {}
        self.listed.append(described(manifest, OCI_MANIFEST, annotations=annotations or {}, **more))

    def tag_layers(self, ending, *layers):
        """Put layers (content, type, annotations) under the tag `sha256-HEX.ENDING`."""
        for content, _, _ in layers:
            self.put(content)
        self.put(EMPTY)
        self.tags[f"sha256-{self.digest.value}.{ending}"] = self.put(manifest_of(layers), OCI_MANIFEST)

    @classmethod
    def of_layout(cls, folder, named, *, repository=None):
        """What an OCI layout holds (also one of `cosign save`), as if the image were the entry that is `named`:
        its tag, or its `kind`."""
        folder = Path(folder)
        entries = json.loads((folder / "index.json").read_bytes())["manifests"]
        names = {**{_name(each): each for each in entries}}
        entry = names[named]
        place = cls(_blob(folder, entry), entry["mediaType"], repository=repository)
        for path in (folder / "blobs/sha256").iterdir():
            content = path.read_bytes()
            place.blobs[Digest.of(content)] = content
        for each in entries:
            digest, name = parse_digest(each["digest"]), _name(each)
            place.types[digest] = each["mediaType"]
            ending = {"dev.cosignproject.cosign/sigs": "sig", "dev.cosignproject.cosign/atts": "att"}.get(name)
            if ending or (name or "").startswith("sha256-"):
                place.tags[f"sha256-{place.digest.value}.{ending}" if ending else name] = digest
            elif name is None:
                place.listed.append(each)
        return place

    # What it is asked for.

    def resolve(self):
        self._ask("resolve")
        return Resolved(content=self.content, media_type=self.types[self.digest], digest=self.digest)

    def manifest(self, digest):
        self._ask(f"manifest {digest}")
        return self._resolved(digest)

    def blob(self, descriptor, *, max_bytes):
        self._ask(f"blob {descriptor.digest}")
        content = self._held(descriptor.digest)
        if len(content) != descriptor.size or Digest.of(content) != descriptor.digest:
            raise refuse("image.digest-mismatch", self.uri, f"{descriptor.digest} is other bytes")
        if len(content) > max_bytes:
            raise refuse("input.too-large", self.uri, f"{len(content)} bytes; at most {max_bytes} are allowed")
        return content

    def stream(self, descriptor):
        yield self.blob(descriptor, max_bytes=descriptor.size)

    def referrers(self, digest):
        self._ask("referrers")
        if digest != self.digest:
            return Referrers(descriptors=())
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.listed}
        read = parse_manifest(json.dumps(index).encode(), content_type=OCI_INDEX, subject=self.uri)
        return Referrers(descriptors=read.manifests, notes=self.notes)

    def tagged(self, tag):
        self._ask(f"tagged {tag.rpartition('.')[2]}")
        digest = self.tags.get(tag)
        return None if digest is None else self._resolved(digest)

    def close(self):
        self.closed = True

    def _ask(self, word):
        self.asked.append(word)
        failure = self.failing.get(word)
        if failure is not None:
            raise failure if isinstance(failure, Refused) else refuse(failure, self.uri, f"{word} cannot be asked for")

    def _resolved(self, digest):
        content = self._held(digest)
        if Digest.of(content) != digest:
            raise refuse("image.digest-mismatch", self.uri, f"{digest} is other bytes")
        return Resolved(content=content, media_type=self.types.get(digest, OCI_MANIFEST), digest=digest)

    def _held(self, digest):
        if digest not in self.blobs:
            raise refuse("input.unreachable", self.uri, f"{digest} is not there")
        return self.blobs[digest]


def descriptor_of(content, media_type=OCI_MANIFEST):
    """The descriptor of `content` as it is read."""
    return Descriptor(media_type=media_type, digest=Digest.of(content), size=len(content))


def _name(entry):
    noted = entry.get("annotations") or {}
    return noted.get("org.opencontainers.image.ref.name") or noted.get("kind")


def _blob(folder, entry):
    return (folder / "blobs/sha256" / entry["digest"].removeprefix("sha256:")).read_bytes()
