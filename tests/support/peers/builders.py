"""Who makes images: crane, skopeo, umoci, buildah, regctl, oras and cosign, each in a folder of its own."""

import io
import json
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.peers.peers import executable, run


@dataclass(frozen=True, kw_only=True)
class Builders:
    """Runs them in `folder`, which is their home."""

    folder: Path

    def run(self, name: str, *arguments: object) -> str:
        """What the program of this name prints, its messages too."""
        program = executable(name, name.upper())
        environment = {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "COSIGN_PASSWORD": "x"}
        return run(program, *map(str, arguments), cwd=self.folder, environment=environment)

    def buildah(self, *arguments: object) -> str:
        where = ("--storage-driver", "vfs", "--root", self.folder / "storage", "--runroot", self.folder / "run")
        return self.run("buildah", *where, *arguments).strip()

    def built(self, target: str) -> None:
        """Have buildah commit a small image to `target`."""
        container = self.buildah("from", "scratch")
        self.buildah("copy", container, self.layer("content", hello=b"hello"), "/")
        self.buildah("commit", "--quiet", container, target)

    def regctl(self, *arguments: object) -> str:
        """Nothing but a cache has it at hand: where it is missing, the test is skipped also in CI."""
        if not (os.environ.get("REGCTL") or shutil.which("regctl")):
            pytest.skip("no regctl: set REGCTL or put it on PATH")
        return self.run("regctl", *arguments)

    def index(self, layout: str) -> list[dict]:
        """The entries of a layout's index."""
        return json.loads((self.folder / layout / "index.json").read_bytes())["manifests"]

    def layer(self, name: str = "layer.tar", **files: bytes) -> Path:
        """A tar of these files."""
        with tarfile.open(self.folder / name, "w") as tar:
            for path, content in files.items():
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(content), 0o755
                tar.addfile(member, io.BytesIO(content))
        return self.folder / name
