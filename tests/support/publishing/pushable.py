"""A registry on loopback that can be pushed to, and that ends in the middle where a test says so.

It keeps what the specification has it keep, and refuses a manifest whose blobs are not there. With `lists`, it has the
referrers API.
"""

from __future__ import annotations

import hashlib
import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from verifier.formats.oci.manifest import OCI_INDEX


class Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Pushable

    def handle_one_method(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        held = self.server
        with held.lock:
            held.asked.append(f"{self.command} {self.path}")
            number = len(held.asked)
            is_cut = held.cut_at is not None and number >= held.cut_at and (number == held.cut_at or not held.only_once)
            if is_cut and not held.after_it_is_done:
                self.close_connection = True
                return
            lie = held.lie(f"{self.command} {self.path}")
            answer = lie or self.answered(urllib.parse.urlsplit(self.path), body)
        if is_cut:
            self.close_connection = True
            return
        self.say(*answer)

    do_GET = do_HEAD = do_PUT = do_POST = handle_one_method  # noqa: N815 - the standard library's names

    def answered(self, url, body):  # noqa: PLR0911 - a row for each request
        name, kind, *rest = self.parts(url.path)
        here = self.server.repositories.setdefault(name, Repository())
        query = dict(urllib.parse.parse_qsl(url.query))
        match (self.command, kind, rest):
            case ("POST", "blobs", ["uploads", ""]):
                return 202, b"", {"Location": f"/v2/{name}/blobs/uploads/1"}
            case ("PUT", "blobs", ["uploads", _]):
                return self.kept(here.blobs, query["digest"], body)
            case ("GET" | "HEAD", "blobs", [digest]) if digest in here.blobs:
                return 200, here.blobs[digest], {}
            case ("GET" | "HEAD", "manifests", [reference]) if reference in here.manifests:
                content, media_type = here.manifests[reference]
                return 200, content, {"Content-Type": media_type}
            case ("PUT", "manifests", [reference]):
                return self.put(here, reference, body)
            case ("GET", "referrers", [digest]) if self.server.lists:
                listed = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": here.referring.get(digest, [])}
                return 200, json.dumps(listed).encode(), {"Content-Type": OCI_INDEX}
        code = "MANIFEST_UNKNOWN" if kind == "manifests" else "BLOB_UNKNOWN"
        return 404, json.dumps({"errors": [{"code": code}]}).encode(), {}

    @staticmethod
    def parts(path):
        name, _, rest = path.removeprefix("/v2/").rpartition("/blobs/")
        for kind in ("blobs", "manifests", "referrers"):
            name, found, rest = path.removeprefix("/v2/").partition(f"/{kind}/")
            if found:
                return name, kind, *rest.split("/")
        return path, ""

    @staticmethod
    def kept(blobs, digest, body):
        if digest != f"sha256:{hashlib.sha256(body).hexdigest()}":
            return 400, b"", {}
        blobs[digest] = body
        return 201, b"", {}

    def put(self, here, reference, body):
        document, media_type = json.loads(body), self.headers["content-type"]
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        named = [*document.get("layers", []), *([document["config"]] if "config" in document else [])]
        inner = [] if "subject" in document or self.is_fallback(reference) else document.get("manifests", [])
        if any(each["digest"] not in here.blobs for each in named) or any(
            each["digest"] not in here.manifests for each in inner
        ):
            return 400, json.dumps({"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}).encode(), {}
        here.manifests[reference] = here.manifests[digest] = (body, media_type)
        if not reference.startswith("sha256:"):
            here.tags[reference] = digest
        headers = {"Docker-Content-Digest": digest}
        if "subject" in document and self.server.lists:
            listed = here.referring.setdefault(document["subject"]["digest"], [])
            entry = {"mediaType": media_type, "digest": digest, "size": len(body)}
            entry |= {name: document[name] for name in ("artifactType", "annotations") if name in document}
            listed[:] = [*(each for each in listed if each["digest"] != digest), entry]
            headers["OCI-Subject"] = document["subject"]["digest"]
        return 201, b"", headers

    @staticmethod
    def is_fallback(reference):
        return reference.startswith("sha256-")

    def say(self, status, body, headers):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Repository:
    def __init__(self):
        self.blobs, self.manifests, self.tags, self.referring = {}, {}, {}, {}

    @property
    def kept(self):
        """All that is there, to be compared."""
        return self.blobs, self.manifests, self.tags, self.referring


class Pushable(ThreadingHTTPServer):
    """`asked` are the requests so far. From the request `cut_at` on, or at that one where it is `only_once`, the
    connection ends without an answer: before anything is done, or, with `after_it_is_done`, after it. `lie` says for a
    request what to answer instead: a status, a body, and fields."""

    daemon_threads = True

    def __init__(self, *, lists):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.lists, self.lock = lists, threading.RLock()
        self.repositories, self.asked = {}, []
        self.cut_at, self.only_once, self.after_it_is_done = None, False, False
        self.lie = lambda _: None
        self.host = f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass

    def cut(self, number, *, only_once=False, after_it_is_done=False):
        """Cut off at the request `number` from now on; None for none."""
        self.asked.clear()
        self.cut_at, self.only_once, self.after_it_is_done = number, only_once, after_it_is_done


@contextmanager
def pushable(*, lists: bool = True) -> Iterator[Pushable]:
    with Pushable(lists=lists) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()
