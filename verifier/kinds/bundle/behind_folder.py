"""A signature that names every file behind one folder: what `opa sign --bundle FOLDER` writes, given from outside of it.

* it is refused as before: OPA takes it from that folder alone, given as it was given then, and from no archive
* it is told from a bundle that was changed: every file is there under its own name, with the digest that was signed
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.core.outcome import Reason
from verifier.kinds.bundle.files import BundleFile

_MOST = 16
"""Folders that are tried: of those that end one listed name, one is right or none."""


def behind_folder(files: Iterable[BundleFile], listed: Iterable[tuple[str, str, str]]) -> Reason | None:
    """The one thing to say of a signature over other names for all of these files, or None where it is not that."""
    by_name = {file.name: file for file in files}
    signed = {name: (digest, algorithm) for name, digest, algorithm in listed}
    if not by_name or len(by_name) != len(signed):
        return None
    shortest = min(by_name, key=lambda name: (len(name), name))
    folders = [name.removesuffix(shortest) for name in signed if name.endswith(f"/{shortest}")]
    for folder in sorted(folders, key=len)[:_MOST]:
        if all(_agrees(file, signed.get(f"{folder}{name}")) for name, file in by_name.items()):
            return _reason(folder)
    return None


def _agrees(file: BundleFile, entry: tuple[str, str] | None) -> bool:
    return entry is not None and entry[1] == "SHA-256" and entry[0] in file.digests("SHA-256")


def _reason(folder: str) -> Reason:
    given = folder.rstrip("/")
    by = "" if given == "." else f", as `opa sign --bundle {given}` does"
    message = f"the signature names every file behind {folder!r}{by}: OPA takes that from no archive"
    hint = (
        "No file differs from what was signed. Sign from within the folder (`opa sign --bundle .`), or build and sign at "
        "once (`opa build --bundle … --signing-key …`, `verify sign bundle`)."
    )
    return Reason(code="digest.extra", subject=folder, message=message, hint=hint)
