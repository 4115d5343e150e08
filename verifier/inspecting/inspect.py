"""What is this, and who claims what about it? Looks at anything, verifies nothing, and needs no key.

    >>> import verifier
    >>> seen = verifier.inspect("registry.acme.example/app:1.4.0")
    >>> [signature.identity for claim in seen.described.claims for signature in claim.signatures]

* nothing that comes of it is verified: a caller that decides anything by it has been had (`verifier.verify` decides)
* reads what is named and what lies beside it in its place; follows no URL that it finds, and runs nothing
* everything is read by the readers of verification, within their bounds; what they refuse is a fault of the answer
* changes nothing, and writes nothing (SQLite itself keeps `-shm` beside a database that is read)
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.text.shown import shown
from verifier.core.value import replace
from verifier.files.read import read_regular_file
from verifier.inspecting.inspected import Described, Given, Inspected
from verifier.inspecting.recognised import form_of
from verifier.inspecting.table import Row, row_named, row_of

if TYPE_CHECKING:
    from verifier.net.access import Access
    from verifier.sources.place import Place

LOCAL_PLACES: Final = ("oci-layout:", "oci-archive:", "docker-archive:")
_WEB: Final = ("https://", "http://")
_ARCHIVES: Final = (".tar.gz", ".tgz")
_PART: Final = 1024 * 1024
"""Bytes of a database that are looked at: it is opened by its path."""


def inspect(
    source: bytes | str | Path,
    *,
    name: str = "",
    access: Access | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Inspected:
    """What `source` is and says: bytes, a path, or a reference (`https://…`, `oci://…`, `registry/repository:tag`,
    `oci-layout:DIR`, `oci-archive:FILE`, `docker-archive:FILE`).

    `name` is what it is called where that is not in `source`; `access` says how a registry or a server is reached, by
    default without credentials. Raises `ConfigurationError` for what is no reference, `Refused` (`input.*`) where it
    cannot be had; what is there and cannot be read is in the answer (`Inspected.complete`).
    """
    if isinstance(source, bytes):
        return _of_bytes(Given(reference="", name=name or "input", content=source, limits=limits))
    reference = os.fspath(source)
    if isinstance(source, Path) or os.path.lexists(reference):
        return _of_path(Path(reference), reference, limits)
    if reference.startswith(_WEB):
        return _fetched(reference, access, limits)
    return _of_place(reference, access, limits)


def _of_bytes(given: Given, row: Row | None = None) -> Inspected:
    form = form_of(given.content)
    given = replace(given, form=form)
    row = row or _row(form, given)
    described = row.describe(given)
    return _inspected(given, row, described, Digest.of(given.content), len(given.content))


def _row(form: str, given: Given) -> Row:
    """The row of a form; a lock file is told by its name, where its content is of no form of its own."""
    found = row_of(form)
    if found.kind == "file" or form == "package-lock":
        from verifier.inspecting.kinds.lock import is_lock  # noqa: PLC0415 - few things are of no known form

        if is_lock(given.name):
            return row_named("lock")
    return found


def _inspected(given: Given, row: Row, described: Described, digest: Digest | None, size: int | None) -> Inspected:
    return Inspected(
        reference=shown(given.reference) or given.name,
        kind=described.kind or row.kind,
        what=described.what,
        size=size if described.size is None else described.size,
        digest=digest if described.digest is None else described.digest,
        described=described,
    )


def _of_path(path: Path, reference: str, limits: Limits) -> Inspected:
    given = Given(reference=reference, name=_name(path), path=path, limits=limits)
    if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long or out of reach
        return _of_folder(path, given)
    head = _head(path)
    if form_of(head) in {"ledger-file", "records", "sqlite"}:
        # A database is opened, and not read into memory.
        row = row_of(form_of(head))
        return _inspected(given, row, row.describe(replace(given, content=head)), None, path.stat().st_size)
    if head[257:262] == b"ustar" and (place := _archive(path, reference)):
        return _of_place(place, None, limits)
    return _of_bytes(replace(given, content=read_regular_file(path, max_bytes=limits.archive_bytes)))


def _head(path: Path) -> bytes:
    """The beginning of a file; raises `Refused` where there is none that can be read."""
    try:
        if not path.is_file():
            return read_regular_file(path, max_bytes=_PART)  # which says what it is instead
        with path.open("rb") as file:
            return file.read(_PART)
    except OSError as error:
        raise refuse("input.unreadable", shown(str(path)), error.strerror or str(error)) from error


def _archive(path: Path, reference: str) -> str:
    """The reference of the images in a tar file that is not packed; "" where it holds none."""
    from verifier.core.errors import VerifierError  # noqa: PLC0415 - only for what is a tar
    from verifier.sources.layouts.store import TarStore  # noqa: PLC0415 - as above

    try:
        store = TarStore(path, limits=DEFAULT_LIMITS, links=True)
    except VerifierError:
        return ""
    with closing(store):
        if store.has("manifest.json"):
            return f"docker-archive:{reference}"
        return f"oci-archive:{reference}" if store.has("oci-layout") else ""


def _of_folder(path: Path, given: Given) -> Inspected:
    from verifier.engine.targets.recognise import kind_of_target  # noqa: PLC0415 - few references are folders

    if (path / "oci-layout").exists():
        return _of_place(f"oci-layout:{given.reference}", None, given.limits)
    kind = "bundle" if (path / ".manifest").exists() or (path / "data.json").exists() else kind_of_target(str(path))
    if kind != "bundle":
        from verifier.inspecting.kinds.folder import describe  # noqa: PLC0415 - as above

        return _inspected(given, row_named("lock"), describe(given, kind), None, None)
    from verifier.archives.pack import pack_directory  # noqa: PLC0415 - as above

    content = pack_directory(path, limits=given.limits)
    return _of_bytes(replace(given, content=content), row_named("bundle"))


def _fetched(reference: str, access: Access | None, limits: Limits) -> Inspected:
    from verifier.net.http import fetch  # noqa: PLC0415 - only for a URL

    content = fetch(reference, max_bytes=limits.archive_bytes, access=access)
    last = reference.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return _of_bytes(Given(reference=reference, name=_name(Path(last or "input")), content=content, limits=limits))


def _of_place(reference: str, access: Access | None, limits: Limits) -> Inspected:
    from verifier.net.access import Access  # noqa: PLC0415 - only for a place
    from verifier.sources.places import open_place  # noqa: PLC0415 - as above

    row = row_named("image")
    given = Given(reference=reference, name=_name(Path(reference.rpartition(":")[2] or "image")), limits=limits)
    try:
        place = open_place(reference, access=access or Access(), limits=limits)
    except ConfigurationError as error:
        raise _no_reference(reference, error) from None
    try:
        return _in_place(given, row, place)
    finally:
        place.close()


def _in_place(given: Given, row: Row, place: Place) -> Inspected:
    described = row.describe(replace(given, place=place))
    return _inspected(given, row, described, described.digest, described.size)


def _no_reference(reference: str, error: ConfigurationError) -> ConfigurationError | Refused:
    """What is neither there nor a reference is most likely a path that was mistyped."""
    looks_like_path = "://" not in reference and not reference.startswith(LOCAL_PLACES)
    if looks_like_path and ("/" not in reference or not (":" in reference or "@" in reference)):
        hint = "Give a file, a folder, https://..., oci://..., registry/repository:tag, or oci-layout:DIR."
        return refuse("input.unreadable", shown(reference), "there is no such file or folder", hint)
    return error


def _name(path: Path) -> str:
    name = path.name or path.absolute().name
    for suffix in _ARCHIVES:
        name = name.removesuffix(suffix)
    return name or "input"
