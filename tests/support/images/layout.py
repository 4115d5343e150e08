"""OCI layouts and saved archives made by hand, so that a test can make every part of them wrong."""

import gzip
import hashlib
import json
from pathlib import Path

from tests.support.archives.tars import END, header, member, pax, record
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor
from verifier.net.access import Access
from verifier.sources.place import Resolved
from verifier.sources.places import open_place

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
NAME = "org.opencontainers.image.ref.name"
FULL_NAME = "io.containerd.image.name"
VERSION = b'{"imageLayoutVersion":"1.0.0"}'


def written(document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def path_of(content: bytes) -> str:
    return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def described(content: bytes, media_type: str = OCI_MANIFEST, **more) -> dict:
    return {"mediaType": media_type, "digest": sha256(content), "size": len(content), **more}


def named(name: str | None, full: str | None = None) -> dict:
    """The annotations of an entry of this name."""
    return {key: value for key, value in ((NAME, name), (FULL_NAME, full)) if value is not None}


def descriptor(content: bytes, media_type: str = OCI_MANIFEST) -> Descriptor:
    return Descriptor(media_type=media_type, digest=Digest.of(content), size=len(content))


class Layout:
    """The files of a layout by their names; `entries` are those of its index, as long as `index` is not given."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": VERSION}
        self.entries: list[dict] = []
        self.index: bytes | None = None

    def blob(self, content: bytes) -> bytes:
        self.files[path_of(content)] = content
        return content

    def config(self, *layers: bytes, **more) -> bytes:
        diff_ids = [sha256(each) for each in layers]
        rootfs = {"type": "layers", "diff_ids": diff_ids}
        return self.blob(written({"architecture": "amd64", "os": "linux", "rootfs": rootfs, **more}))

    def image(self, *layers: bytes, name: str | None = None, full: str | None = None, **more) -> bytes:
        """An image of uncompressed layers, listed under `name`; `more` are members of its manifest."""
        return self.listed(self.manifest(*layers, **more), name=name, full=full)

    def manifest(self, *layers: bytes, **more) -> bytes:
        """The same, not listed."""
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": described(self.config(*layers), CONFIG),
            "layers": [described(self.blob(each), LAYER) for each in layers],
        } | more
        return self.blob(written({key: value for key, value in document.items() if value is not None}))

    def listed(
        self,
        content: bytes,
        media_type: str = OCI_MANIFEST,
        *,
        name: str | None = None,
        full: str | None = None,
        **more,
    ) -> bytes:
        annotations = named(name, full) | more.pop("annotations", {})
        self.entries.append(
            described(content, media_type, **({"annotations": annotations} if annotations else {}), **more)
        )
        return content

    def index_of(self, *manifests: dict, media_type: str = OCI_INDEX) -> bytes:
        """An index as a blob, not listed."""
        return self.blob(written({"schemaVersion": 2, "mediaType": media_type, "manifests": list(manifests)}))

    def referring(self, subject: bytes, *, listed: bool = True, **more) -> bytes:
        """A manifest whose subject is another, listed without a name."""
        document = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": "application/x.test",
            "config": described(self.blob(b"{}"), "application/vnd.oci.empty.v1+json"),
            "layers": [described(self.blob(b"evidence"), "application/x.test")],
            "subject": described(subject),
        } | more
        content = self.blob(written(document))
        return self.listed(content) if listed else content

    def all_files(self) -> dict[str, bytes]:
        index = written({"schemaVersion": 2, "manifests": self.entries}) if self.index is None else self.index
        return {"index.json": index} | self.files

    def write(self, folder: Path) -> Path:
        for name, content in self.all_files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    def tar(self, *more: bytes, dot: str = "", end: bytes = END) -> bytes:
        return tar_of(self.all_files(), *more, dot=dot, end=end)


def tar_of(files: dict[str, bytes], *more: bytes, dot: str = "", end: bytes = END) -> bytes:
    """A tar of these files and of what else is given as it is."""
    return b"".join([*(_member(f"{dot}{name}".encode(), content) for name, content in files.items()), *more, end])


def _member(name: bytes, content: bytes) -> bytes:
    if len(name) <= 100:
        return member(name, content)
    return pax(record(b"path", name)) + member(name[:100], content)


def link(name: str, target: str, kind: bytes = b"2") -> bytes:
    return header(name.encode(), kind=kind, link=target.encode())


def saved_files(
    *layers: bytes, tags: tuple[str, ...] = ("acme/app:1",), config: bytes | None = None
) -> dict[str, bytes]:
    """What `docker save` before Docker 25 wrote: `<hex>.json`, `<hex>/layer.tar`, and no manifest."""
    content = Layout().config(*layers) if config is None else config
    paths = {f"{sha256(each)[7:]}/layer.tar": each for each in layers}
    listed = [{"Config": f"{sha256(content)[7:]}.json", "RepoTags": list(tags), "Layers": list(paths)}]
    return {listed[0]["Config"]: content, **paths, "manifest.json": written(listed)}


def opened(reference: str, *, limits=DEFAULT_LIMITS):
    return open_place(reference, access=Access(), limits=limits)


def resolved(reference: str) -> Resolved:
    """What a reference stands for; the place is closed again."""
    place = opened(reference)
    try:
        return place.resolve()
    finally:
        place.close()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
