"""A Rego bundle as a target: an archive or a directory here, or whatever a URL or a registry has.

* it is read as strictly as where it is verified; what `verify bundle` could not read is refused here, too
* a directory is its canonical archive, as everywhere (docs/adr/0002-directories.md): the digests are those of that
  archive, and that it was a directory is said
"""

from __future__ import annotations

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
from verifier.sources.content import Remote, read_content

FROM_DIRECTORY = ("verifier:opa:packed", "canonical archive of a directory")
"""What is said of a bundle that was a directory: its digests are those of the archive that is made of it."""


def contents(target: Target) -> Contents:
    """What is in the bundle; raises `Refused`, or `ConfigurationError` for a reference that cannot be used."""
    source = _source(target)
    content = read_content(source, limits=target.limits)
    bundle = KIND.read(
        content,
        Reading(
            name=_name_of(target.reference),
            resource_uri=target.reference,
            limits=target.limits,
            mode=ReadingMode.STRICT,
            budget=Budget(target.limits, packed=len(content)),
        ),
    )
    found = looked_into(bundle, target.rego)
    if isinstance(source, Path) and source.is_dir():
        return replace(found, properties=(FROM_DIRECTORY,))
    return found


def _source(target: Target) -> Path | Remote:
    if "://" not in target.reference:
        return path_of(target)
    from verifier.sources.upstream import fetched_once, open_upstream  # noqa: PLC0415 - only where a URL is given

    return fetched_once(open_upstream(target.reference, access=target.access or Access(), limits=target.limits))


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
