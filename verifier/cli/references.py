"""References on the command line: paths, and what is elsewhere, which is fetched when it is read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.core.digest import Digest, looks_like_digest
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.sources.content import Remote


def anywhere(reference: str, policy: TrustPolicy) -> Path | Remote:
    """The path of a file or directory, or what fetches a bundle by https:// or oci://."""
    if "://" not in reference:
        return Path(reference)
    from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
    from verifier.sources.content import Remote  # noqa: PLC0415 - as above
    from verifier.sources.upstream import Access, open_upstream  # noqa: PLC0415 - as above

    upstream = open_upstream(reference, access=Access(network=network()), limits=policy.limits)

    def fetch() -> bytes:
        with closing(upstream):
            fetched = upstream.fetch(None)
        if fetched is None:
            raise TypeError("nothing was known that could be unchanged")
        return fetched.content

    return Remote(uri=upstream.reference, fetch=fetch)


def file_or_digest(reference: str, _: TrustPolicy) -> Path | Digest:
    """A digest where it is written like one, else a file; a file of such a name is written ./sha256:...

    npm's `integrity` is one, too: sha512-BASE64.
    """
    return inputs.digest(reference, where=reference) if looks_like_digest(reference) else Path(reference)


def name_of(reference: str) -> str:
    """The name that an artifact has when nobody gives it one: its file's or its repository's."""
    if looks_like_digest(reference):
        return str(inputs.digest(reference, where=reference))
    scheme, separator, rest = reference.partition("://")
    if not separator:
        return inputs.name_of(reference)
    if scheme.lower() == "oci":
        return rest.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return inputs.name_of(rest.partition("?")[0].partition("#")[0])
