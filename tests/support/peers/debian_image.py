"""The image of the measurements: a Debian with Python and npm, and a layer upon it that upgrades, removes and hides.

Made once, by debootstrap as root (16 minutes), and kept beside the peers: `python -m benchmarks.sboms.make_image`. That
everything is unpacked is enough: debootstrap stops where npm is to be configured.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from verifier.formats.oci.config import OCI_CONFIG
from verifier.formats.oci.manifest import OCI_MANIFEST

PACKAGES = "python3-pip,python3-requests,nodejs,npm"
STATUS = "var/lib/dpkg/status"
UPGRADED, REMOVED, HIDDEN = "python3-requests", "node-abbrev", "usr/share/nodejs/glob"
ALTERED = "usr/lib/python3/dist-packages/six.py"
_LEFT_OUT = ("var/cache/apt/archives/", "debootstrap", "proc/", "sys/")
_LEAST = 200
"""Packages that an unpacked system has at least."""
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MTIME = 1_700_000_000


def cached_image() -> Path | None:
    """The layout, if it was made."""
    folder = image_folder()
    return folder if (folder / "index.json").exists() else None


def image_folder() -> Path:
    """Where it is kept."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "policy-verifier" / "peers" / "images" / "debian-12"


def unpacked_system(room: Path) -> Path:
    """A Debian that debootstrap has unpacked in `room`."""
    program = shutil.which("debootstrap")
    if program is None or os.geteuid() != 0:
        raise SystemExit("debootstrap is needed, and root to run it: `apt-get install debootstrap`")
    root = room / "bookworm"
    command = [program, "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)]
    subprocess.run(command, check=False)
    return root


def write_image(root: Path, folder: Path) -> None:
    """Pack the system at `root` as an image, in a layout at `folder`."""
    status = (root / STATUS).read_bytes()
    if status.count(b"\nStatus: install ok ") < _LEAST:
        raise SystemExit(f"{root} has fewer than {_LEAST} packages: debootstrap was not done with unpacking")
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    layers = [_system(root, blobs), _changes(status, blobs)]
    rootfs = {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]}
    config = {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": rootfs}
    described = [packed for packed, _ in layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _put(blobs, config, OCI_CONFIG),
        "layers": described,
    }
    listed = {"schemaVersion": 2, "manifests": [_put(blobs, manifest, OCI_MANIFEST)]}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps(listed))


def _put(blobs: Path, document: object, media_type: str) -> dict[str, object]:
    content = json.dumps(document).encode()
    digest = hashlib.sha256(content).hexdigest()
    (blobs / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def _system(root: Path, blobs: Path) -> tuple[dict[str, object], str]:
    def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if member.name.startswith(_LEFT_OUT):
            return None
        member.uname = member.gname = ""
        member.mtime = _MTIME
        return member

    with _layer(blobs) as (tar, described):
        for name in sorted(path.name for path in root.iterdir()):
            tar.add(root / name, arcname=name, filter=kept)
    return described["layer"], described["diff_id"]


def _changes(status: bytes, blobs: Path) -> tuple[dict[str, object], str]:
    """A package upgraded, one removed, an npm package hidden and put there anew, a module swapped."""
    paragraphs = [each for each in status.split(b"\n\n") if not each.startswith(f"Package: {REMOVED}\n".encode())]
    upgraded = [_upgraded(each) if each.startswith(f"Package: {UPGRADED}\n".encode()) else each for each in paragraphs]
    info = "var/lib/dpkg/info"
    files = {
        STATUS: b"\n\n".join(upgraded),
        f"{info}/.wh.{REMOVED}.list": b"",
        f"{info}/.wh.{REMOVED}.md5sums": b"",
        "usr/share/nodejs/.wh.abbrev": b"",
        f"{HIDDEN}/.wh..wh..opq": b"",
        f"{HIDDEN}/package.json": b'{"name":"glob","version":"99.0.0"}',
        ALTERED: b"import os\n",
    }
    with _layer(blobs) as (tar, described):
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode, member.mtime = len(content), 0o644, _MTIME
            tar.addfile(member, io.BytesIO(content))
    return described["layer"], described["diff_id"]


def _upgraded(paragraph: bytes) -> bytes:
    lines = paragraph.split(b"\n")
    return b"\n".join(line + b"+deb12u99" if line.startswith(b"Version: ") else line for line in lines)


@contextmanager
def _layer(blobs: Path) -> Iterator[tuple[tarfile.TarFile, dict]]:
    """A tar to write to; once it is closed, its descriptor and its diff_id stand in the dict."""
    described: dict = {}
    path = blobs / "layer.part"
    with path.open("wb") as out:
        packing = _Packing(out)
        with tarfile.open(fileobj=packing, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield tar, described
        packing.finish()
        size = out.tell()
    path.rename(blobs / packing.packed.hexdigest())
    digest = f"sha256:{packing.packed.hexdigest()}"
    described |= {
        "layer": {"mediaType": _LAYER, "digest": digest, "size": size},
        "diff_id": f"sha256:{packing.plain.hexdigest()}",
    }


class _Packing:
    """Packs what is written to it, and hashes both sides."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._packer = zlib.compressobj(6, wbits=16 + zlib.MAX_WBITS)
        self.plain, self.packed = hashlib.sha256(), hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.plain.update(data)
        self._put(self._packer.compress(data))
        return len(data)

    def finish(self) -> None:
        self._put(self._packer.flush())

    def _put(self, packed: bytes) -> None:
        self.packed.update(packed)
        self._out.write(packed)
