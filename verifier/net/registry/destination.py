"""Pushing to a repository of a registry: blobs, manifests, and the tags that several publishers write.

* what is there already is not sent again, and what is sent twice leaves the same behind
* a tag names what it named, until the one request that moves it has been answered: nothing else touches it
* what a registry says it has taken is what was sent, or that is refused
* credentials go to the registry alone, also where it names another host for an upload
* a registry that does not say that it lists a referrer (`OCI-Subject`) does not: the fallback tag is kept for it

No registry compares before it writes (`If-Match` is ignored by all that were measured). A tag that several write is
read, merged, written and read back, again until that holds; and looked at once more a while later (`settle`), because
whoever had read before us may have written after us. Who then stalls for longer than that while between the two can
still write over what others have put there.

Source: OCI distribution specification 1.1, "Push".
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.formats.oci.manifest import OCI_INDEX, Descriptor, ImageReference, parse_manifest
from verifier.net.access import Access
from verifier.net.answers import PIECE, Answer
from verifier.net.http import CONTENT_PATIENCE, REDIRECTS, Body, Request
from verifier.net.registry.api import Api
from verifier.net.registry.fallback import Merge, adding, entry
from verifier.net.registry.referrers import fallback_tag
from verifier.net.registry.repository import SLOWEST, Repository
from verifier.net.retries import Pause

Content = bytes | Path | Callable[[], Iterator[bytes]]
"""Bytes, the file that holds them, or what opens them in pieces, anew each time."""

MOST_ROUNDS: Final = 20
"""How often a tag that others write at the same time is written again."""
SETTLED_S: Final = 0.25
"""Seconds after which a tag is looked at again: what publishers take from reading to writing is a hundredth of that,
or a tenth on a machine that is busy."""
_BINARY: Final = {"Content-Type": "application/octet-stream"}


class Pushed(Value):
    """A manifest that the registry has taken. `listed` is whether it says that it lists it as a referrer itself."""

    digest: Digest
    listed: bool


class Destination:
    """One repository to push to. Used by one thread at a time; as a context it is settled at the end, and closed."""

    def __init__(self, reference: ImageReference, access: Access, *, pause: Pause | None = None) -> None:
        self._api = Api(reference, access, actions="pull,push", pause=pause)
        self.repository = Repository(reference, access, api=self._api)
        self._amended: dict[tuple[str, int], tuple[Merge, str, float]] = {}
        self._longest_s = 0.0

    def has(self, descriptor: Descriptor) -> bool:
        """Whether the registry has the blob; a redirect to it says that it has."""
        request = Request(
            url=self._api.url(f"blobs/{descriptor.digest}"), method="HEAD", statuses=frozenset({200, 404}) | REDIRECTS
        )
        return self._api.ask(request, self._subject(descriptor.digest)).status != 404

    def push_blob(self, descriptor: Descriptor, content: Content) -> bool:
        """Have the registry hold what `descriptor` stands for; whether it had to be sent. `Refused` where `content` is
        something else, or the registry does not take it."""

        def attempt(left_s: float) -> bool:
            if self.has(descriptor):
                return False
            self._upload(descriptor, content, left_s)
            return True

        return self._api.tried(attempt, whole_s=self._patience_s(descriptor.size))

    def push_manifest(self, content: bytes, *, media_type: str, tag: str | None = None) -> Pushed:
        """Have the registry hold a manifest or index, under `tag` where one is given; its blobs are there already.

        Where it has a subject, and the registry does not say that it lists it, the fallback tag lists it afterwards.
        """
        digest = Digest.of(content)
        document = parse_manifest(content, content_type=media_type, subject=self._subject(digest))
        answer = self._put(content, media_type, tag or str(digest))
        about = document.subject
        if about is None:
            return Pushed(digest=digest, listed=False)
        is_listed = answer.fields.get("oci-subject") == str(about.digest)
        if not is_listed:
            kept = fallback_tag(about.digest)
            self.amend(kept, adding(entry(document, digest, len(content)), self._subject(kept)))
        return Pushed(digest=digest, listed=is_listed)

    def amend(self, tag: str, merge: Merge, *, media_type: str = OCI_INDEX) -> None:
        """Put under `tag` what `merge` makes of what is there, until it has nothing to change; call `settle` before
        saying that it is done."""
        self._amend(tag, merge, media_type)
        self._amended[tag, len(self._amended)] = (merge, media_type, time.monotonic())

    def settle(self) -> None:
        """Look again at the tags that were amended, and put there again what others have written over meanwhile."""
        for _ in range(MOST_ROUNDS):
            if not self._amended:
                return
            newest = max(at for _, _, at in self._amended.values())
            self._api.pause(max(newest + self._settled_s() - time.monotonic(), 0.0))
            amended, self._amended = self._amended, {}
            for (tag, _), (merge, media_type, _) in amended.items():
                if self._amend(tag, merge, media_type):
                    self._amended[tag, len(self._amended)] = (merge, media_type, time.monotonic())
        raise self._contended(", ".join(sorted({tag for tag, _ in self._amended})))

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        self._api.close()

    def __enter__(self) -> Destination:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.settle()
        finally:
            self.close()

    def _amend(self, tag: str, merge: Merge, media_type: str) -> bool:
        """Whether anything had to be written, which has been read back since."""
        for written in range(MOST_ROUNDS):
            began = time.monotonic()
            content = merge(self.repository.tagged(tag))
            if content is None:
                return written > 0
            self._put(content, media_type, tag)
            self._longest_s = max(self._longest_s, time.monotonic() - began)
        raise self._contended(tag)

    def _settled_s(self) -> float:
        """Longer than it takes anybody to read and write, as far as we have seen."""
        return max(SETTLED_S, 10 * self._longest_s)

    def _contended(self, tag: str) -> Refused:
        message = f"others have written over it {MOST_ROUNDS} times"
        return refuse("input.unreachable", self._subject(tag), message, "Publish again once they are done.")

    def _put(self, content: bytes, media_type: str, reference: str) -> Answer:
        subject = self._subject(reference)
        request = Request(
            url=self._api.url(f"manifests/{reference}"),
            method="PUT",
            headers={"Content-Type": media_type},
            body=Body.of(content),
            statuses=frozenset({201}),
        )
        answer = self._api.ask(request, subject)
        stated = answer.fields.get("docker-content-digest", "")
        algorithm, _, value = stated.partition(":")
        if algorithm in {"sha256", "sha512"} and hashlib.new(algorithm, content).hexdigest() != value:
            message = f"the registry says that it took {stated[:150]!r}, and {Digest.of(content)} was sent"
            raise refuse("image.digest-mismatch", subject, message)
        return answer

    def _upload(self, descriptor: Descriptor, content: Content, left_s: float) -> None:
        subject = self._subject(descriptor.digest)
        started = self._api.url("blobs/uploads/")
        begin = Request(url=started, method="POST", statuses=frozenset({202}), whole_s=left_s)
        location = self._api.ask(begin, subject, once=True).fields.get("location", "")
        url = _upload_url(started, location, descriptor.digest, subject)
        body = Body(size=descriptor.size, open=lambda: _checked(content, descriptor, subject))
        finish = Request(url=url, method="PUT", headers=_BINARY, body=body, statuses=frozenset({201}), whole_s=left_s)
        self._api.ask(finish, subject, once=True)

    def _patience_s(self, size: int) -> float:
        return CONTENT_PATIENCE * self._api.timeout_s + size / SLOWEST

    def _subject(self, reference: str | Digest) -> str:
        return f"{self._api.shown}{'@' if isinstance(reference, Digest) else ':'}{reference}"


def _upload_url(started: str, location: str, digest: Digest, subject: str) -> str:
    """Where to send what an upload was begun for."""
    if not location:
        raise refuse("input.unreachable", subject, "the registry names no address for an upload")
    try:
        url = urljoin(started, location)
        return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({'digest': str(digest)})}"
    except ValueError:
        raise refuse("input.unreachable", subject, "the registry names an address that is none") from None


def _checked(content: Content, descriptor: Descriptor, subject: str) -> Iterator[bytes]:
    """The pieces of what is sent; `Refused` before the last one, where they are not what `descriptor` says."""
    seen, hashed, held = 0, hashlib.new(descriptor.digest.algorithm), b""
    for piece in _pieces(content):
        if held:
            yield held
        seen, held = seen + len(piece), piece
        hashed.update(piece)
        if seen > descriptor.size:
            break
    if seen != descriptor.size or hashed.hexdigest() != descriptor.digest.value:
        message = f"what is to be sent is not the {descriptor.size} bytes of {descriptor.digest}"
        raise refuse("image.digest-mismatch", subject, message)
    yield held


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from Body.of(content).open()
    elif isinstance(content, Path):
        try:
            with content.open("rb") as opened:
                while piece := opened.read(PIECE):
                    yield piece
        except OSError as error:
            raise refuse("input.unreadable", str(content), error.strerror or "it cannot be read") from error
    else:
        yield from content()
