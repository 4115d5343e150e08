"""A bundle behind a URL, asked for as OPA asks for it.

* snapshots only: a delta would change what was verified
* an entity tag is sent back as it came; where there is none, or it is none, the content's digest says what changed
* "not modified" counts only where that was asked

Source: OPA's bundle service API; RFC 9110 sections 8.8.3 and 13.1.2, RFC 7240 (`Prefer`).
"""

from __future__ import annotations

import re

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.limits import Limits
from verifier.net.access import Access
from verifier.net.address import parse_web_address
from verifier.net.http import Session
from verifier.sources.fetched import Fetched
from verifier.sources.place import Place

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,1024}"\Z')


class HttpUpstream:
    """One URL. Raises `ValueError` for what is not one that can be asked."""

    place: Place | None = None
    """Nothing can be asked for beside it."""

    def __init__(self, url: str, *, access: Access, limits: Limits) -> None:
        address = parse_web_address(url)
        self._url, self._reference = url, address.shown
        self._access, self._limits = access, limits
        self._session = Session(address.origin, access)

    @property
    def reference(self) -> str:
        """The URL without its query."""
        return self._reference

    def fetch(self, validator: str | None, *, wait: int = 0) -> Fetched | None:
        """What is there now, or None where it has not changed."""
        tag = validator if validator and _ENTITY_TAG.match(validator) else None
        headers = {"Prefer": f"modes=snapshot;wait={wait}" if wait > 0 else "modes=snapshot"}
        answer = self._session.get(
            self._url,
            max_bytes=self._limits.archive_bytes,
            headers=headers | ({"If-None-Match": tag} if tag else {}),
            authorization=self._access.bearer or self._access.basic,
            statuses=frozenset({200, 304}),
            wait_s=max(wait, 0),
            tells_absence=True,
        )
        if answer.status == 304:
            if tag is None:
                raise refuse("input.unreachable", self._reference, "not modified, said the server, without being asked")
            return None
        given = answer.fields.get("etag", "")
        if _ENTITY_TAG.match(given):
            return Fetched(content=answer.body, validator=given)
        digest = str(Digest.of(answer.body))
        return None if digest == validator else Fetched(content=answer.body, validator=digest)

    def close(self) -> None:
        """Close the connection, and end what is under way."""
        self._session.close()
