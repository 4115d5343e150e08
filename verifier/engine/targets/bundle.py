"""A Rego bundle as a target: an archive or a directory here, or whatever a URL or a registry has.

* it is read as strictly as where it is verified; what `verify bundle` could not read is refused here, too
* a directory is its canonical archive, as everywhere (docs/adr/0002-directories.md): the digests are those of that
  archive, and that it was a directory is said
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from verifier.core.costs.budget import Budget
from verifier.core.reading import ReadingMode
from verifier.core.value import replace
from verifier.engine.targets.target import Target, path_of
from verifier.evidence.contents import Contents
from verifier.kinds.bundle.contents import looked_into
from verifier.kinds.bundle.kind import KIND
from verifier.kinds.kind import Reading
from verifier.net.access import Access
from verifier.sources.content import read_content

FROM_DIRECTORY = ("verifier:opa:packed", "canonical archive of a directory")
"""What is said of a bundle that was a directory: its digests are those of the archive that is made of it."""


def contents(target: Target) -> Contents:
    """What is in the bundle; raises `Refused`, or `ConfigurationError` for a reference that cannot be used."""
    elsewhere = "://" in target.reference
    content = _fetched(target) if elsewhere else read_content(path_of(target), limits=target.limits)
    reading = Reading(
        name=_name_of(target.reference),
        resource_uri=target.reference,
        limits=target.limits,
        mode=ReadingMode.STRICT,
        budget=Budget(target.limits, packed=len(content)),
    )
    found = looked_into(KIND.read(content, reading), target.rego)
    if not elsewhere and path_of(target).is_dir():
        return replace(found, properties=(FROM_DIRECTORY,))
    return found


def _fetched(target: Target) -> bytes:
    from verifier.sources.upstream import open_upstream  # noqa: PLC0415 - only where a URL is given

    with closing(open_upstream(target.reference, access=target.access or Access(), limits=target.limits)) as upstream:
        fetched = upstream.fetch(None)
    if fetched is None:
        raise TypeError("nothing was known that could be unchanged")
    return fetched.content


def _name_of(reference: str) -> str:
    """The name that a bundle has when nobody gives it one: its file's or its repository's."""
    _, scheme, rest = reference.partition("://")
    path = (rest if scheme else reference).partition("?")[0].partition("#")[0]
    if reference.lower().startswith("oci://"):
        return path.partition("@")[0].rpartition("/")[2].partition(":")[0]
    name = Path(path).absolute().name
    for end in (".tar.gz", ".tgz"):
        name = name.removesuffix(end)
    return name
