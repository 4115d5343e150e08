"""References on the command line: paths, and what is elsewhere, which is fetched when it is read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.core.digest import Digest, bare_digest, looks_like_digest, read_digest
from verifier.core.errors import ConfigurationError
from verifier.files.descriptor import is_stream
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack

    from verifier.sources.content import Remote

    Source = Callable[[str, TrustPolicy], Path | Remote | Digest]


def anywhere(reference: str, policy: TrustPolicy) -> Path | Remote:
    """The path of a file or directory, or what fetches a bundle by https:// or oci://."""
    if "://" not in reference:
        return _here(reference, policy)
    from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
    from verifier.sources.upstream import Access, fetched_once, open_upstream, scheme_of  # noqa: PLC0415 - as above

    access = Access(network=network())
    if scheme_of(reference) == "oci":
        from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - as above

        access = reference_access(reference)
    return fetched_once(open_upstream(reference, access=access, limits=policy.limits))


def published(reference: str, source: Source, policy: TrustPolicy) -> Path | Remote | Digest:
    """What is elsewhere, or whatever the command's own argument may be."""
    return anywhere(reference, policy) if "://" in reference else source(reference, policy)


def file_or_digest(reference: str, policy: TrustPolicy) -> Path | Remote | Digest:
    """A digest where it is written like one, else a file; a file of such a name is written ./sha256:...

    npm's `integrity` is one, too: sha512-BASE64.
    """
    if looks_like_digest(reference):
        return inputs.digest(reference, where=reference)
    algorithm = bare_digest(reference)
    if algorithm is not None and not os.path.lexists(reference):
        message = f"there is no such file; a digest is written {algorithm}:HEX"
        raise ConfigurationError(message, where=reference, hint=f"Give {algorithm}:{reference.lower()}")
    return _here(reference, policy)


def _here(reference: str, policy: TrustPolicy) -> Path | Remote:
    """A path; or what came in a stream, which nobody else could fetch from the name that it has here."""
    if not is_stream(reference):
        return Path(reference)
    from verifier.files.read import read_regular_file  # noqa: PLC0415 - only for a stream
    from verifier.sources.content import Remote  # noqa: PLC0415 - as above

    most = policy.limits.archive_bytes
    return Remote(uri="", fetch=lambda: read_regular_file(Path(reference), max_bytes=most))


def name_of(reference: str) -> str:
    """The name that an artifact has when nobody gives it one: its file's or its repository's."""
    if looks_like_digest(reference):
        with suppress(ValueError):  # a file may be called like one
            return str(read_digest(reference))
    scheme, separator, rest = reference.partition("://")
    if not separator:
        return inputs.name_of(reference)
    if scheme.lower() == "oci":
        return rest.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return inputs.name_of(rest.partition("?")[0].partition("#")[0])


def sources(
    kind: str, reference: str, source: Source, policy: TrustPolicy, previous: Sequence[str], closing: ExitStack
) -> list[Path | Remote | Digest]:
    """Where the artifact is, and behind it what is published now; what is open of them is closed with `closing`."""
    elsewhere = source if kind == "image" else lambda each, policy: published(each, source, policy)
    found = [source(reference, policy), *(elsewhere(each, policy) for each in previous)]
    for place in (getattr(each, "place", None) for each in found):
        if place is not None:
            closing.callback(place.close)
    return found


def name_as(kind: str, reference: str) -> str:
    """The name that an artifact of this kind has when nobody gives it one."""
    if kind != "image":
        from verifier.core.text.shown import without_secrets  # noqa: PLC0415 - the hook has a name, mostly

        return without_secrets(name_of(reference))
    from verifier.cli.registries.images import image_name  # noqa: PLC0415 - only where there is an image

    return image_name(reference)


def require_recordable(reference: str, written: Mapping[str, bool]) -> None:
    """Refuse to write down, under another digest, what a ledger and verdicts know by its sha256; `written` has what was
    asked for, by its flag."""
    flag = next((flag for flag, given in written.items() if given), None)
    if flag is None or not looks_like_digest(reference):
        return
    if inputs.digest(reference, where=reference).algorithm != "sha256":
        hint = "Give the file itself, or its sha256: one content has one name in ledgers and verdicts."
        raise ConfigurationError(f"needs the artifact's sha256, and only {reference} is given", where=flag, hint=hint)
