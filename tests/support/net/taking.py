"""A registry on loopback that takes what is pushed, counts what it is asked, and fails where a test says so."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.net.registries import digest_of
from tests.support.net.servers import Scripted, server
from verifier.formats.oci.manifest import OCI_INDEX

_PATH = re.compile(r"/v2/(?P<name>.+?)/(?P<kind>blobs/uploads|blobs|manifests|referrers)/(?P<rest>.*)\Z")


class Taking:
    """`blobs` by digest, `manifests` by tag and digest with their types; `asked` are the requests, "METHOD path".

    With `lists` it has the referrers API, and says so (`OCI-Subject`). `break_at` is the number of the request at which
    it ends the connection without a word, before (`"before"`) or after (`"after"`) it has done what was asked; once it
    is `gone` it does so from then on.
    `instead` answers for a request that begins so.
    """

    def __init__(self, *, lists: bool):
        self.lists = lists
        self.blobs, self.manifests, self.asked, self.instead = {}, {}, [], {}
        self.break_at, self.when, self.gone = 0, "before", False
        self.location = "{}"
        self.running: Scripted

    @property
    def host(self):
        return f"127.0.0.1:{self.running.port}"

    @property
    def named(self):
        """What tags name, but for fallback tags."""
        return {tag: digest_of(content) for tag, (content, _) in self.manifests.items() if ":" not in tag}

    def say(self, exchange):
        path, _, query = exchange.path.partition("?")
        body, number = exchange.sent(), len(self.asked) + 1
        self.asked.append(f"{exchange.command} {path}")
        other = next((say for start, say in self.instead.items() if self.asked[-1].startswith(start)), None)
        over = self.gone and number > self.break_at
        if over or (number == self.break_at and self.when == "before"):
            exchange.raw(b"")
        elif other is not None:
            other(exchange)
        else:
            status, content, fields = self._done(exchange, path, dict(urllib.parse.parse_qsl(query)), body)
            if number == self.break_at:
                exchange.raw(b"")
            else:
                exchange.answer(status, content, **fields)

    def _done(self, exchange, path, query, body):
        found = _PATH.match(path)
        if found is None:
            return 404, b"404 page not found\n", {}
        method, kind, rest = exchange.command, found["kind"], found["rest"]
        if kind == "blobs/uploads":
            return self._upload(method, found["name"], query, body)
        if kind == "manifests" and method == "PUT":
            return self._manifest(rest, body, exchange.headers.get("content-type"))
        if kind == "referrers":
            return self._listing(rest) if self.lists else (404, b"404 page not found\n", {})
        held = {rest: (self.blobs[rest], "application/octet-stream")} if rest in self.blobs else {}
        content, media_type = (held if kind == "blobs" else self.manifests).get(rest, (None, None))
        if content is None:
            return 404, json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN"}]}).encode(), {}
        return 200, content, {"Content_Type": media_type, "Docker_Content_Digest": digest_of(content)}

    def _upload(self, method, name, query, body):
        if method == "POST":
            return 202, b"", {"Location": self.location.format(f"/v2/{name}/blobs/uploads/1?state=a%2Fb")}
        digest = query["digest"]
        if query.get("state") != "a/b" or hashlib.new(digest.partition(":")[0], body).hexdigest() not in digest:
            return 400, b"", {}
        self.blobs[digest] = body
        return 201, b"", {}

    def _manifest(self, reference, body, media_type):
        document, digest = json.loads(body), digest_of(body)
        described = [document.get("config"), *document.get("layers", [])]
        if any(each and each["digest"] not in self.blobs for each in described):
            return 400, b"", {}
        self.manifests[reference] = self.manifests[digest] = (body, media_type)
        subject = document.get("subject")
        listed = {"OCI_Subject": subject["digest"]} if subject and self.lists else {}
        return 201, b"", {"Docker_Content_Digest": digest} | listed

    def _listing(self, digest):
        entries = [
            {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}
            for content, media_type in dict(self.manifests.values()).items()
            if (json.loads(content).get("subject") or {}).get("digest") == digest
        ]
        listing = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        return 200, json.dumps(listing).encode(), {"Content_Type": OCI_INDEX}


@contextmanager
def taking(*, lists: bool = False) -> Iterator[Taking]:
    held = Taking(lists=lists)
    with server(held.say) as running:
        held.running = running
        yield held
