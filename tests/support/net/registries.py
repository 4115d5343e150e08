"""A registry on loopback that holds what a test puts there, and lies where a test says so."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.net.servers import Scripted, server
from verifier.formats.oci.manifest import BUNDLE_LAYER, OCI_MANIFEST

BUNDLE = b"the bytes of a bundle"
NAME = "acme/authz"


def digest_of(content, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def descriptor(content, media_type=BUNDLE_LAYER, **changes):
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)} | changes


def manifest(*layers, **changes):
    """A manifest as `oras push` writes one."""
    config = descriptor(b"{}", "application/vnd.oci.empty.v1+json")
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": list(layers)}
    return json.dumps(document | changes).encode()


class Registry:
    """`manifests` and `blobs` by tag or digest; `headers` are sent with every manifest; `instead` answers for a path.

    With `token`, it wants that token, and names `realm` as where to have it; with `basic`, that field.
    """

    def __init__(self):
        self.manifests, self.blobs, self.headers, self.instead = {}, {}, {}, {}
        self.token = self.basic = self.realm = None
        self.tokens_asked_for = []
        self.running: Scripted
        self.hold(BUNDLE)

    def hold(self, content, tag="1", layer=None):
        """Put `content` there as a bundle, under its tag and its digest."""
        self.blobs[digest_of(content)] = content
        self.put(manifest(layer or descriptor(content)), tag)

    def put(self, document, tag="1", content_type=OCI_MANIFEST):
        self.manifests[tag] = self.manifests[digest_of(document)] = (document, content_type)
        return digest_of(document)

    @property
    def reference(self):
        return f"127.0.0.1:{self.running.port}/{NAME}:1"

    def say(self, exchange):
        path, _, query = exchange.path.partition("?")
        if path in self.instead:
            self.instead[path](exchange)
        elif path == "/token":
            self.tokens_asked_for.append((urllib.parse.parse_qs(query), exchange.headers.get("authorization")))
            exchange.answer(body=json.dumps({"token": self.token}).encode())
        elif not self._lets_in(exchange):
            realm = self.realm or f"{self.running.url}/token"
            offered = "Basic realm=x" if self.basic else f'Bearer realm="{realm}",service="registry.test",scope="a:b:*"'
            exchange.answer(401, WWW_Authenticate=offered)
        else:
            self._serve(exchange, *path.removeprefix(f"/v2/{NAME}/").split("/", 1))

    def _lets_in(self, exchange):
        wanted = self.basic or (self.token and f"Bearer {self.token}")
        return not wanted or exchange.headers.get("authorization") == wanted

    def _serve(self, exchange, kind, reference):
        if kind == "blobs" and reference in self.blobs:
            exchange.answer(body=self.blobs[reference])
        elif kind == "manifests" and reference in self.manifests:
            document, content_type = self.manifests[reference]
            if exchange.headers.get("if-none-match") == f'"{digest_of(document)}"':
                exchange.answer(304)
                return
            exchange.answer(body=document, Content_Type=content_type, **self.headers)
        elif reference.startswith("sha256-"):  # what clients look for beside a manifest
            exchange.answer(404, body=b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
        else:
            exchange.answer(404)


@contextmanager
def registry() -> Iterator[Registry]:
    held = Registry()
    with server(held.say) as running:
        held.running = running
        yield held
