"""Pulling from an OCI registry: manifests and blobs, each checked against its digest before anyone reads it.

* a manifest is what the reference's digest stands for, and what the registry says it is (`Docker-Content-Digest`)
* a blob has the size and the digest of its descriptor, and is never read beyond that size
* that there is nothing under a tag, or that nothing refers to a manifest, is what the registry itself says; any other
  answer is a refusal
* one request for each: no tag is asked for twice, and nothing but what is needed

Source: OCI distribution specification 1.1. Who is sent which secret is `authorization`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    ImageReference,
    parse_digest,
)
from verifier.net.access import Access
from verifier.net.answers import Answer
from verifier.net.http import CONTENT_PATIENCE, Request
from verifier.net.registry.api import Api, knows_nothing
from verifier.net.registry.referrers import Listing, fallback_tag, listed, once, pages
from verifier.net.retries import Pause

_ACCEPTED: Final = ", ".join((OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST))
_NOT_THERE: Final = "the registry answered with status 404"
SLOWEST: Final = 256 * 1024
"""Bytes a second of a stream, or of what is pushed, beyond the time that any answer may take: less is given up."""


class Pulled(Value):
    """A manifest or index as it was sent, and the digest that it was checked against."""

    content: bytes = field(repr=False)
    content_type: str
    digest: Digest


class Repository:
    """One repository of one registry.

    Used by one thread at a time, but for `stream`; `close` may be called by another. `pause` is how to wait before
    something is asked for again.
    """

    def __init__(
        self, reference: ImageReference, access: Access, *, pause: Pause | None = None, api: Api | None = None
    ) -> None:
        """With `api`, by connections that somebody else has opened, and closes."""
        self._api = api or Api(reference, access, pause=pause)
        self._led_on = False

    def manifest(self, reference: str | Digest, *, known: Digest | None = None) -> Pulled | None:
        """The manifest or index under a tag or a digest; None where it is still the one with the digest `known`."""
        subject = self._subject(reference)
        answer = self._manifest(reference, subject, known)
        if answer.status == 404:
            raise self._missing(answer, subject)
        self._led_on = True
        if answer.status == 304:
            if known is None:
                raise refuse("input.unreachable", subject, "not modified, said the registry, without having been asked")
            return None
        pulled = _checked(answer, reference, subject)
        return None if pulled.digest == known else pulled

    def tagged(self, tag: str) -> Pulled | None:
        """The manifest or index under a tag; None where the registry itself says that it has none."""
        subject = self._subject(tag)
        answer = self._manifest(tag, subject, None)
        if knows_nothing(answer):
            return None
        if answer.status != 200:
            raise refuse("input.unreachable", subject, f"the registry answered with status {answer.status}")
        return _checked(answer, tag, subject)

    def referrers(self, digest: Digest) -> Listing:
        """What the registry lists as referring to the manifest of this digest, by its API or else by the tag."""
        by_api = pages(self._api, digest)
        if by_api:
            return Listing(descriptors=once(by_api), by_api=True)
        tag = fallback_tag(digest)
        kept = self.tagged(tag)
        found = () if kept is None else listed(kept.content, kept.content_type, self._subject(tag))
        return Listing(descriptors=once(found), by_api=by_api is not None)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """The bytes that `descriptor` stands for; `Refused` where they are others, or more than `max_bytes`."""
        subject = self._subject(descriptor.digest)
        if descriptor.size > max_bytes:
            raise refuse("input.too-large", subject, f"{descriptor.size} bytes; at most {max_bytes} are allowed")
        request = Request(url=self._api.url(f"blobs/{descriptor.digest}"))
        content = self._api.ask(request, subject, max_bytes=descriptor.size).body
        _require_size(len(content), descriptor, subject)
        _require(hashlib.new(descriptor.digest.algorithm, content).hexdigest(), descriptor.digest, subject)
        return content

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Those bytes in pieces, as they come, by a connection of its own; `Refused`, before the iterator ends, where
        they are not what `descriptor` says. Several threads may each read one."""
        subject = self._subject(descriptor.digest)
        whole_s = CONTENT_PATIENCE * self._api.timeout_s + descriptor.size / SLOWEST
        request = Request(url=self._api.url(f"blobs/{descriptor.digest}"), whole_s=whole_s)
        seen, hashed = 0, hashlib.new(descriptor.digest.algorithm)
        with self._api.heard(request, subject) as heard:
            for piece in heard.pieces(max_bytes=descriptor.size):
                seen += len(piece)
                hashed.update(piece)
                yield piece
        _require_size(seen, descriptor, subject)
        _require(hashed.hexdigest(), descriptor.digest, subject)

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        self._api.close()

    def _manifest(self, reference: str | Digest, subject: str, known: Digest | None) -> Answer:
        headers = {"Accept": _ACCEPTED} | ({"If-None-Match": f'"{known}"'} if known else {})
        url = self._api.url(f"manifests/{reference}")
        request = Request(url=url, headers=headers, statuses=frozenset({200, 304, 404}))
        return self._api.ask(request, subject, max_bytes=MAX_MANIFEST_BYTES)

    def _missing(self, answer: Answer, subject: str) -> Refused:
        """Why there is no manifest; `Absent` where a registry says that there is none, and not only some server.

        What another manifest has led to was there.
        """
        if self._led_on or not knows_nothing(answer):
            return refuse("input.unreachable", subject, _NOT_THERE)
        message = f"{_NOT_THERE}: it knows no such {'manifest' if '@' in subject else 'tag'}, or no such repository"
        hint = f"Check the repository and what stands behind it: `crane ls {self._api.shown}` lists the tags."
        return Absent(Reason(code="input.unreachable", subject=subject, message=message, hint=hint))

    def _subject(self, reference: str | Digest) -> str:
        return f"{self._api.shown}{'@' if isinstance(reference, Digest) else ':'}{reference}"


def _checked(answer: Answer, reference: str | Digest, subject: str) -> Pulled:
    """The manifest that was sent; `Refused` where it is not the one that was asked for, or that it is said to be."""
    wanted = [reference] if isinstance(reference, Digest) else []
    if stated := answer.fields.get("docker-content-digest"):
        wanted.append(_stated(stated, subject))
    for digest in wanted:
        _require(hashlib.new(digest.algorithm, answer.body).hexdigest(), digest, subject)
    digest = reference if isinstance(reference, Digest) else Digest.of(answer.body)
    types = answer.fields.get_all("content-type", [""])
    if len(types) > 1:
        # A document need not say itself what it is, and then this does.
        raise refuse("image.malformed", subject, f"it is sent as {len(types)} types, expected one")
    return Pulled(content=answer.body, content_type=types[0], digest=digest)


def _stated(text: str, subject: str) -> Digest:
    try:
        return parse_digest(text)
    except ValueError as error:
        raise refuse("image.digest-mismatch", subject, f"the registry states a digest that is none: {error}") from None


def _require_size(seen: int, descriptor: Descriptor, subject: str) -> None:
    if seen != descriptor.size:
        message = f"{seen} bytes, expected the {descriptor.size} of its descriptor"
        raise refuse("image.digest-mismatch", subject, message)


def _require(seen: str, digest: Digest, subject: str) -> None:
    if seen != digest.value:
        message = f"its {digest.algorithm} is {seen}, expected {digest.value}"
        raise refuse("image.digest-mismatch", subject, message)
