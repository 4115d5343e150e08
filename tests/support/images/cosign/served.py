"""A registry on loopback that serves what a `MemoryPlace` holds, and lies where a test says so."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.images.place import EMPTY_TYPE, MemoryPlace
from tests.support.net.servers import server
from verifier.core.digest import Digest
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST

NAME = "acme/app"


class Served:
    """What is served, and how.

    `instead` maps a request ("referrers", "manifests DIGEST") to a status and a body with its type; `pages` is
    how many entries of the listing stand on one page; `moved` is what the tag stands for after it was asked for once;
    `listed` is what refers to other manifests than the image.
    """

    def __init__(self, place: MemoryPlace, *, tag: str = "1.4.0") -> None:
        self.place, self.tag = place, tag
        self.instead: dict[str, tuple[int, bytes, str]] = {}
        self.pages: int | None = None
        self.moved: Digest | None = None
        self.listed: dict[str, list[dict]] = {}
        self.host = ""
        self.asked: list[str] = []

    @property
    def by_digest(self) -> str:
        return f"{self.host}/{NAME}@{self.place.digest}"

    @property
    def by_tag(self) -> str:
        return f"{self.host}/{NAME}:{self.tag}"

    def say(self, exchange) -> None:
        """Answer one request, by GET or HEAD."""
        path, _, query = exchange.path.partition("?")
        _, _, rest = urllib.parse.unquote(path).partition(f"/v2/{NAME}/")
        kind, _, what = rest.partition("/")
        self.asked.append(f"{kind} {what}".strip())
        if not rest:
            exchange.answer()
        elif (lie := self.instead.get(self.asked[-1]) or self.instead.get(kind)) is not None:
            status, body, media_type = lie
            exchange.answer(status, body, Content_Type=media_type)
        elif kind == "referrers":
            self._list(exchange, what, query)
        else:
            self._send(exchange, kind, what)

    def _list(self, exchange, digest: str, query: str) -> None:
        entries = self.place.listed if digest == str(self.place.digest) else self.listed.get(digest, [])
        start = int(urllib.parse.parse_qs(query).get("n", ["0"])[0])
        more = {}
        if self.pages is not None and start + self.pages < len(entries):
            more["Link"] = f'</v2/{NAME}/referrers/{digest}?n={start + self.pages}>; rel="next"'
        entries = entries[start : None if self.pages is None else start + self.pages]
        body = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
        exchange.answer(200, body, Content_Type=OCI_INDEX, **more)

    def _send(self, exchange, kind: str, what: str) -> None:
        digest = self._named(what)
        if digest is None or digest not in self.place.blobs:
            said = {"errors": [{"code": "MANIFEST_UNKNOWN" if kind == "manifests" else "BLOB_UNKNOWN"}]}
            exchange.answer(404, json.dumps(said).encode(), Content_Type="application/json")
            return
        content = self.place.blobs[digest]
        media_type = self.place.types.get(digest, OCI_MANIFEST) if kind == "manifests" else "application/octet-stream"
        more = {"Docker_Content_Digest": str(digest)} if kind == "manifests" else {}
        exchange.answer(200, content, Content_Type=media_type, **more)

    def _named(self, what: str) -> Digest | None:
        if what.startswith("sha256:"):
            return Digest.parse(what)
        if what == self.tag:
            first = self.asked.count(f"manifests {what}") == 1
            return self.place.digest if first or self.moved is None else self.moved
        return self.place.tags.get(what)


@contextmanager
def served(place: MemoryPlace) -> Iterator[Served]:
    """Serve it until the end of the test; its repository is the one that it is served under."""
    serving = Served(place)
    with server(serving.say) as running:
        serving.host = f"127.0.0.1:{running.port}"
        place.repository = f"{serving.host}/{NAME}"
        yield serving


__all__ = ["EMPTY_TYPE", "NAME", "Served", "served"]
