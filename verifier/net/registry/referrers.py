"""What a registry says refers to a manifest: the pages of its API, or the tag that clients keep where it has none.

* only a 404 of the registry itself means that it has no such API, and only its own words that there is no tag:
  whatever else comes instead of a listing is a refusal, never "nothing refers to it"
* where the API lists nothing the tag is read too: what was pushed before there was an API stands only there
* no filter is sent, as some registries ignore it without saying so; a listing is a hint, and `artifactType` in it may
  be wrong (go-containerregistry's registry states the config's type)
* pages are followed on the registry's own origin, in bounded number; what stands twice is listed once

Source: OCI distribution specification 1.1, "Listing Referrers" and "Referrers Tag Schema".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urljoin

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field
from verifier.formats.oci.manifest import (
    INDEX_TYPES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    Descriptor,
    ImageIndex,
    parse_manifest,
)
from verifier.net.address import parse_web_address
from verifier.net.answers import Answer
from verifier.net.http import Request
from verifier.net.registry.api import Api

MAX_PAGES: Final = 20
MAX_REFERRERS: Final = 4_096
"""What is listed of one manifest, on all pages: daily scans of one image for eleven years."""
MAX_LISTING_BYTES: Final = 4 * MAX_MANIFEST_BYTES
"""All pages together."""
_MAX_LINK: Final = 8 * 1024
"""Characters of the fields that name the next page: what it costs to read them grows with their square."""
_LINK: Final = re.compile(
    r"""<(?P<target>[^<>]{1,4096})>(?P<more>(?:\s*;\s*[^\s;,="]+\s*=\s*(?:"[^"]*"|[^\s;,"]*))*)"""
)
_NEXT: Final = re.compile(r""";\s*rel\s*=\s*(?:"next"|next)\s*(?:;|\Z)""", re.IGNORECASE)


class Listing(Value):
    """What is listed, in the registry's order; `by_api` is whether by its API, else by the tag."""

    descriptors: tuple[Descriptor, ...] = field(default=())
    by_api: bool


def fallback_tag(digest: Digest) -> str:
    """The tag of the index that clients keep: `sha256-HEX`, cut as the specification has it."""
    return f"{digest.algorithm[:32]}-{digest.value[:64]}"


def pages(api: Api, digest: Digest) -> list[Descriptor] | None:
    """What the API lists; None where the registry has no API for it."""
    subject = f"{api.shown}@{digest} (referrers)"
    url, asked, found, left = api.url(f"referrers/{digest}"), set[str](), list[Descriptor](), MAX_LISTING_BYTES
    while True:
        if len(asked) == MAX_PAGES:
            raise refuse("input.too-large", subject, f"the listing has more than {MAX_PAGES} pages")
        asked.add(url)
        request = Request(url=url, headers={"Accept": OCI_INDEX}, statuses=frozenset({200, 404}))
        answer = api.ask(request, subject, max_bytes=min(MAX_MANIFEST_BYTES, left))
        left -= len(answer.body)
        if answer.status == 404:
            if len(asked) > 1 or not answer.from_named:
                raise refuse("input.unreachable", subject, "a part of the listing was answered with status 404")
            return None
        found += listed(answer.body, answer.fields.get("content-type", ""), subject)
        if len(found) > MAX_REFERRERS:
            raise refuse("input.too-large", subject, f"more than {MAX_REFERRERS} are listed")
        following = _next(answer, url, api, subject)
        if following is None:
            return found
        if following in asked:
            raise refuse("input.unreachable", subject, "the listing names a page again that was there before")
        url = following


def listed(content: bytes, content_type: str, subject: str) -> tuple[Descriptor, ...]:
    """The manifests of an index; `Refused` (`image.malformed`, `json.*`) for anything else."""
    index = parse_manifest(content, content_type=content_type, subject=subject, most=MAX_REFERRERS)
    if not isinstance(index, ImageIndex):
        expected = " or ".join(sorted(INDEX_TYPES))
        raise refuse("image.malformed", subject, f"the listing is {index.media_type}, expected {expected}")
    return index.manifests


def once(descriptors: Iterable[Descriptor]) -> tuple[Descriptor, ...]:
    """Each manifest once, as it was listed first."""
    found: dict[Digest, Descriptor] = {}
    for each in descriptors:
        found.setdefault(each.digest, each)
    return tuple(found.values())


def _next(answer: Answer, url: str, api: Api, subject: str) -> str | None:
    """The address of the page after this one, if there is one."""
    stated = ", ".join(answer.fields.get_all("link", []))
    if len(stated) > _MAX_LINK:
        raise refuse("input.unreachable", subject, "the listing names its next page at a length that nobody reads")
    targets = [each["target"] for each in _LINK.finditer(stated) if _NEXT.search(each["more"])]
    if not targets:
        if "next" in stated.lower():
            raise refuse("input.unreachable", subject, "the listing names its next page in a way that cannot be read")
        return None
    if len(targets) > 1:
        raise refuse("input.unreachable", subject, "two pages are said to be the next one")
    try:
        following = urljoin(url, str(targets[0]))
        elsewhere = parse_web_address(following).origin != api.origin or not answer.from_named
    except ValueError:
        raise _leads_away(subject) from None
    if elsewhere:
        raise _leads_away(subject)
    return following


def _leads_away(subject: str) -> Refused:
    return refuse("input.unreachable", subject, "the listing goes on at another place than the registry")
