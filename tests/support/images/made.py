"""Images made here: layers, configs, manifests, indexes, and a place that holds them in memory."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, ImageManifest, parse_manifest
from verifier.sources.place import Referrers, Resolved

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
EMPTY = "application/vnd.oci.empty.v1+json"


def written(value: object) -> bytes:
    """A JSON document as builders write it."""
    return json.dumps(value, separators=(",", ":")).encode()


def layer(files: Mapping[str, bytes]) -> bytes:
    """A tar of regular files, unpacked."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


class MemoryPlace:
    """A repository that counts what it is asked for: `asked` has a line for each request."""

    def __init__(self, repository: str | None = "registry.acme.example/acme/app", tag: str | None = "1.4.0") -> None:
        self.repository, self.tag = repository, tag
        self.blobs: dict[str, bytes] = {}
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.tags: dict[str, str] = {}
        self.referring: dict[str, list[Descriptor]] = {}
        self.asked: list[str] = []
        self.target = ""
        self._resolved: Resolved | None = None

    @property
    def uri(self) -> str:
        return f"oci://{self.repository}:{self.tag}" if self.repository else "oci-layout:here"

    # What is put there.

    def blob_of(self, content: bytes, media_type: str = CONFIG, **more: object) -> dict:
        """Put a blob; its descriptor."""
        digest = str(Digest.of(content))
        self.blobs[digest] = content
        return {"mediaType": media_type, "digest": digest, "size": len(content), **more}

    def document(self, value: Mapping[str, object], media_type: str = OCI_MANIFEST, **more: object) -> dict:
        """Put a manifest or an index; its descriptor."""
        content = written({"schemaVersion": 2, "mediaType": media_type, **value})
        digest = str(Digest.of(content))
        self.documents[digest] = (media_type, content)
        return {"mediaType": media_type, "digest": digest, "size": len(content), **more}

    def image(
        self,
        layers: Sequence[bytes] = (),
        *,
        platform: str = "linux/amd64",
        config: Mapping[str, object] | None = None,
        run: Mapping[str, object] | None = None,
        said: Mapping[str, object] | None = None,
        manifest: Mapping[str, object] | None = None,
    ) -> dict:
        """Put an image of these unpacked layers; its descriptor, with the platform. `said` replaces that of the index,
        `run` is the config's `config`, `config` and `manifest` replace members."""
        system, architecture, *variant = platform.split("/")
        stated = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        diff_ids = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers]
        described = self.blob_of(
            written(
                {**stated, "config": run or {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}, **(config or {})}
            )
        )
        packed = [self.blob_of(gzip.compress(each, mtime=0), LAYER) for each in layers]
        made = self.document({"config": described, "layers": packed, **(manifest or {})})
        return {**made, "platform": stated if said is None else said}

    def index(self, *manifests: Mapping[str, object], **more: object) -> dict:
        """Put an index of these descriptors; its own."""
        return self.document({"manifests": list(manifests), **more}, OCI_INDEX)

    def refer(self, subject: Mapping[str, object], content: bytes, media_type: str, **more: object) -> Digest:
        """Put an artifact of one layer that refers to `subject`."""
        about = {name: subject[name] for name in ("mediaType", "digest", "size")}
        config = self.blob_of(b"{}", EMPTY)
        made = self.document(
            {
                "artifactType": media_type,
                "config": config,
                "layers": [self.blob_of(content, media_type)],
                "subject": about,
                **more,
            }
        )
        described = {**made, "artifactType": media_type}
        listing = written({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [described]})
        read = parse_manifest(listing, content_type=OCI_INDEX, subject="made")
        assert not isinstance(read, ImageManifest)
        self.referring.setdefault(str(subject["digest"]), []).extend(read.manifests)
        return Digest.parse(str(made["digest"]))

    def pointing_at(self, described: Mapping[str, object]) -> "MemoryPlace":
        """This place, whose reference stands for `described`."""
        self.target = str(described["digest"])
        return self

    # The protocol.

    def resolve(self) -> Resolved:
        if self._resolved is None:
            self._resolved = self._found(self.target, f"GET manifests/{self.tag}")
        return self._resolved

    def manifest(self, digest: Digest) -> Resolved:
        return self._found(str(digest), f"GET manifests/{digest}")

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        self.asked.append(f"GET blobs/{descriptor.digest}")
        content = self.blobs[str(descriptor.digest)]
        if len(content) > max_bytes:
            raise refuse("input.too-large", self.uri, f"{len(content)} bytes; at most {max_bytes} are allowed")
        if len(content) != descriptor.size or Digest.of(content) != descriptor.digest:
            raise refuse("image.digest-mismatch", self.uri, f"not what {descriptor.digest} stands for")
        return content

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        content = self.blob(descriptor, max_bytes=2**40)
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    def referrers(self, digest: Digest) -> Referrers:
        self.asked.append(f"GET referrers/{digest}")
        return Referrers(descriptors=tuple(self.referring.get(str(digest), ())))

    def tagged(self, tag: str) -> Resolved | None:
        self.asked.append(f"GET manifests/{tag}")
        digest = self.tags.get(tag)
        return None if digest is None else self._found(digest, "")

    def close(self) -> None:
        """Nothing is open."""

    def _found(self, digest: str, line: str) -> Resolved:
        if line:
            self.asked.append(line)
        if digest not in self.documents:
            raise refuse("input.unreachable", self.uri, "the registry answered with status 404")
        media_type, content = self.documents[digest]
        return Resolved(content=content, media_type=media_type, digest=Digest.of(content))
