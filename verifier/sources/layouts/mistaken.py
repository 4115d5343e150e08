"""What was written where the reference of an image is expected, and what to write instead.

Imported only where a reference was refused; the disk is looked at for the hint alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_SAVE: Final = "Save it first: `docker save IMAGE -o FILE`, and name docker-archive:FILE, or judge it in its registry."
_SCHEMES: Final = {
    "docker-daemon": _SAVE,
    "containers-storage": "Copy it first: `skopeo copy containers-storage:IMAGE oci-archive:FILE`, and name that.",
    "dir": "Copy it first: `skopeo copy dir:DIR oci:OTHER`, and name oci-layout:OTHER.",
}
_NAME = re.compile(
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]+)?\Z"
)
_HOSTED = re.compile(r"(?:[^/]*[.:][^/]*|localhost)/")
_DIGEST_AS_TAG = re.compile(r"(.+):(sha256:[0-9a-f]{64})\Z")
_PINNED = re.compile(r".*(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})\Z")


def instead(reference: str) -> str:
    """The one thing to do; "" where nothing better is known than what the error says."""
    # What stands behind these may be a secret of a URL; no reference has either.
    reference = reference.partition("?")[0].partition("#")[0]
    scheme, colon, rest = reference.partition(":")
    if colon and scheme in {"docker", "https", "http"} and rest.startswith("//"):
        named = rest.removeprefix("//").rpartition("@")[2] if "@sha" not in rest else rest.removeprefix("//")
        return _named(named) or f"Leave out what stands before the registry: {named}"
    if colon and (scheme == "ocidir" or (scheme == "oci" and not rest.startswith("//"))):
        return f"Name the layout as oci-layout:{rest.removeprefix('//')}"
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme]
    return _of_path(reference) or _named(reference.removeprefix("oci://"))


def is_layout(path: str) -> bool:
    """Whether an OCI layout is at a path: a folder of it, or a tar file that is not packed."""
    try:
        if os.path.isdir(path):  # noqa: PTH112 - as below
            return os.path.isfile(os.path.join(path, "oci-layout"))  # noqa: PTH113, PTH118 - as below
        if not os.path.isfile(path):  # noqa: PTH113 - as below
            return False
        with Path(path).open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        # A bundle is packed: nothing of it is unpacked for this.
        return not packed and _kind(Path(path)) == "oci-archive"
    except (OSError, ValueError):
        return False


def _of_path(reference: str) -> str:
    """What a path on this machine is, and how it is named."""
    path, _, name = reference.partition(":")
    more = f":{name}" if name else ""
    try:
        if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long or out of reach
            return f"Name the layout as oci-layout:{path}{more}"
        if os.path.isfile(path):  # noqa: PTH113 - as above
            kind = _kind(Path(path))
            if not kind:
                return f"It is no archive of an image: a file is `verify artifact {path}`."
            return f"Name the archive as {kind}:{path}{more}"
    except ValueError:
        return ""
    return ""


def _kind(path: Path) -> str:
    from verifier.core.errors import VerifierError  # noqa: PLC0415 - only for a hint
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415 - as above
    from verifier.sources.layouts.store import TarStore  # noqa: PLC0415 - as above

    try:
        store = TarStore(path, limits=DEFAULT_LIMITS)
    except VerifierError:
        return ""
    try:
        return "docker-archive" if store.has("manifest.json") or not store.has("oci-layout") else "oci-archive"
    finally:
        store.close()


def _named(name: str) -> str:
    """A name as Docker takes it, with what Docker fills in."""
    if misplaced := _DIGEST_AS_TAG.match(name):
        return f"Name it by its digest: {misplaced[1]}@{misplaced[2]}"
    if _HOSTED.match(name) and ":" in name.rpartition("/")[2]:
        return ""
    if _HOSTED.match(name):
        return "" if _PINNED.match(name) else f"Name the image that is meant: {name}:TAG, or {name}@sha256:..."
    if not _NAME.match(name):
        return ""
    full = name if "/" in name else f"library/{name}"
    return f"Name the registry: docker.io/{full}{'' if _PINNED.match(name) else ':TAG'}"
