"""An image of more and more layers, all of them read, beside syft, crane's validation, and hashing alone.

Layers of 20 files of 1 KiB, each in a folder of its own, in an OCI layout; crane has the same as a tarball.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import Process, Side, peer, process, python

_SIZES = upto(1_000, first=1)
"""A manifest may list 1,024."""
_TOO_MANY = "is not asked about 1,000 layers: it takes 4 GB of memory"
_FILES, _BYTES = 20, 1_024
_OCI = "application/vnd.oci.image"


def curve(room: Path) -> Curve:
    """Whole processes."""
    for size in _SIZES:
        _Image(room / str(size), size).write()

    def ours(size: int) -> Side:
        return process(python("-m", "verifier", "sbom", "generate", f"oci-layout:{room / str(size)}"), room)

    lines = [series("verify sbom generate", OURS, _SIZES, ours)]
    if syft := peer("syft"):

        def listed(size: int) -> Side:
            made = process([syft, "scan", f"oci-dir:{room / str(size)}", "-o", "cyclonedx-json"], room)
            return replace(made, environment={**made.environment, "SYFT_CHECK_FOR_APP_UPDATE": "false"})

        lines.append(series("syft scan", PEER, _SIZES[:-1], listed, note=_TOO_MANY))
    if crane := peer("crane"):

        def validated(size: int) -> Side:
            return process([crane, "validate", "--tarball", str(room / str(size) / "image.tar")], room)

        lines.append(series("crane validate", PEER, _SIZES, validated))
    lines.append(series("gunzip | openssl dgst -sha256", LIMIT, _SIZES, lambda size: _least(room / str(size), room)))
    return Curve(title="An image by its layers, whole process", counted="layers", series=tuple(lines))


def _least(layout: Path, room: Path) -> Process:
    return process(["sh", "-c", f"cat {layout}/layers/*.gz | gunzip -c | openssl dgst -sha256"], room)


class _Image:
    """An OCI layout, its layers once more below `layers`, and the same as a tarball that `docker load` takes."""

    def __init__(self, folder: Path, layers: int) -> None:
        self._folder, self._count = folder, layers

    def write(self) -> None:
        (self._folder / "blobs" / "sha256").mkdir(parents=True)
        (self._folder / "layers").mkdir()
        plain = [_layer(number) for number in range(self._count)]
        packed = [gzip.compress(each, 6, mtime=0) for each in plain]
        for number, each in enumerate(packed):
            (self._folder / "layers" / f"{number:04}.gz").write_bytes(each)
        known = [f"sha256:{sha256(each).hexdigest()}" for each in plain]
        config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": known}}
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": self._blob(json.dumps(config).encode(), "config.v1+json"),
            "layers": [self._blob(each, "layer.v1.tar+gzip") for each in packed],
        }
        listed = self._blob(json.dumps(manifest).encode(), "manifest.v1+json")
        index = {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": [listed]}
        (self._folder / "index.json").write_text(json.dumps(index))
        (self._folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self._tarball(json.dumps(config).encode(), packed)

    def _blob(self, content: bytes, kind: str) -> dict[str, Any]:
        digest = sha256(content).hexdigest()
        (self._folder / "blobs" / "sha256" / digest).write_bytes(content)
        return {"mediaType": f"{_OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    def _tarball(self, config: bytes, packed: list[bytes]) -> None:
        name = f"sha256:{sha256(config).hexdigest()}"
        layers = {f"{sha256(each).hexdigest()}.tar.gz": each for each in packed}
        manifest = json.dumps([{"Config": name, "RepoTags": ["acme/app:1"], "Layers": list(layers)}]).encode()
        with tarfile.open(self._folder / "image.tar", "w") as tar:
            for path, content in {name: config, **layers, "manifest.json": manifest}.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


def _layer(number: int) -> bytes:
    chance = random.Random(number)  # noqa: S311 - anything does
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for at in range(_FILES):
            member = tarfile.TarInfo(f"srv/layer{number}/file{at}.txt")
            member.size, member.mode = _BYTES, 0o644
            tar.addfile(member, io.BytesIO(chance.randbytes(_BYTES // 2).hex().encode()))
    return out.getvalue()
