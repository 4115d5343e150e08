"""Contents made in memory: files by their paths, as an image, an environment or a project would have them."""

import hashlib
import posixpath

from verifier.core.errors import refuse
from verifier.evidence.contents import Contents, FileFact
from verifier.sbom.catalog.wanted import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES


class MemoryFiles:
    """Files of an artifact: content by path; a link is given as `("link", target)`."""

    def __init__(self, files, *, layers=None):
        self.layers = layers or {}
        self.content = {path: value for path, value in files.items() if isinstance(value, bytes)}
        self.links = {path: value[1] for path, value in files.items() if isinstance(value, tuple)}
        folders = {folder for path in files for folder in self._above(path)}
        self.facts = {folder: FileFact(folder, "directory", mode=0o755) for folder in folders}
        for path, content in self.content.items():
            self.facts[path] = FileFact(path, "file", len(content), 0o644, layer=self.layers.get(path))
        for path, target in self.links.items():
            self.facts[path] = FileFact(path, "symlink", mode=0o777, target=target)

    def _above(self, path):
        parts = path.split("/")
        return ["/".join(parts[:number]) for number in range(1, len(parts))]

    def __iter__(self):
        return iter(self.facts[path] for path in sorted(self.facts))

    def find(self, path):
        return self.facts.get(path)

    def resolve(self, path):
        for _ in range(40):
            for number in range(1, path.count("/") + 2):
                head = "/".join(path.split("/")[:number])
                if head in self.links:
                    target = self.links[head]
                    above = "/" if target.startswith("/") else "/" + posixpath.dirname(head)
                    rest = path[len(head) :]
                    path = posixpath.normpath(posixpath.join(above, target.lstrip("/")) + rest).lstrip("/")
                    break
            else:
                return self.find(path)
        return None

    def read(self, path, *, max_bytes):
        if path not in self.content:
            raise refuse("input.unreadable", path, "there is no such file")
        if len(self.content[path]) > max_bytes:
            raise refuse("input.too-large", path, f"{len(self.content[path])} bytes; at most {max_bytes} are allowed")
        return self.content[path]

    def digest(self, path, algorithm):
        return hashlib.new(algorithm, self.content[path]).digest() if path in self.content else None

    def excerpts(self, path):
        content = self.content.get(path, b"")
        places = [at for at in range(0, len(content), 16) if content.startswith(GO_BUILD_INFO, at)]
        return tuple(content[at : at + MAX_GO_BUILD_INFO] for at in places[:MAX_GO_PLACES])


def contents(files, *, kind="image", name="acme/app", version="1.0", **said):
    """Contents of `kind` that have these files."""
    return Contents(kind=kind, name=name, version=version, files=MemoryFiles(files), **said)
