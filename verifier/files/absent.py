"""What stands where a file's name is expected, and is none: an address, a digest, standard input.

Asked only once there is no such file: a file of such a name is read like any other.
"""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import Final

_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,15}):/{1,3}")
_DIGEST: Final = re.compile(r"(?:sha(?:256|384|512)|md5)[:-]", re.IGNORECASE)
_IN_A_REGISTRY: Final = re.compile(
    r"(?:localhost(?::[0-9]{1,5})?|[a-z0-9][a-z0-9.-]*:[0-9]{1,5}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})"
    r"(?:/[a-z0-9._-]+)+(?::\w[\w.-]{0,127})?(?:@sha(?:256|512):[0-9a-f]+)?\Z"
)
_TO_A_FILE: Final = "Write it to a file first, and name that."
_CHECK: Final = "Check the path and its permissions."
_CURLED: Final = "\u2018\u2019\u201c\u201d\u00ab\u00bb"
_VARIABLE: Final = re.compile(r"\$\{?[A-Za-z_]|%[A-Za-z_]+%|\$\(")
_MOST_NAMES: Final = 2_000
_LONGEST_NAME: Final = 255
_LIKELY: Final = 0.75


def told(name: str, seen: str) -> tuple[str, str]:
    """What is wrong with the name of a file that is not there, and what to do; `seen` is the system's word for it."""
    if address := _ADDRESS.match(name):
        return _of_address(address[1].lower(), name[address.end() :])
    if name == "-":
        return "there is no file that is called '-', and standard input is not read here", _TO_A_FILE
    if _DIGEST.match(name):
        message = "a digest is no file: only `verify artifact` takes one, in the place of its ARTIFACT"
        return message, "Name the file."
    if may_be_registry(name):
        message = f"cannot be read: {seen}; it looks like the reference of something in a registry"
        return message, f"An image is `verify image {name}`, a bundle `verify bundle oci://{name}`."
    return f"cannot be read: {seen}", _todo(name)


def may_be_registry(name: str) -> bool:
    """Whether a name looks like the reference of something in a registry."""
    return _IN_A_REGISTRY.match(name) is not None


def instead_of(kind: str) -> str:
    """What to do where `kind`, as `files.read.kind` says it, was named in the place of a file."""
    if kind == "a directory":
        return "Name the file that is meant."
    return _TO_A_FILE


def _todo(name: str) -> str:
    """What may be the matter with a name that nothing has."""
    if any(each in name for each in _CURLED):
        return "Its name has typographic quotes, as web pages write them: type plain ones."
    if name.startswith("~"):
        return f'A shell reads ~ outside of quotes alone: write "$HOME{name[1:]}".' if name[1:2] == "/" else _CHECK
    if _VARIABLE.search(name):
        return "A shell reads a variable outside of single quotes alone: write it in double quotes."
    path = Path(name)
    if path.is_symlink():
        return f"It is a link to {str(path.readlink())!r}, which is not there: mend the link."
    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r}: check the path, which begins at {_beginning(path)}."
    close = _alike(path)
    return f"Did you mean {close}?" if close else f"Check the path, which begins at {_beginning(path)}."


def _beginning(path: Path) -> str:
    return "the root" if path.is_absolute() else "the folder that this runs in"


def _alike(path: Path) -> str:
    """The name beside it that is most like it, "" where none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for what is not there

    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _MOST_NAMES)]
    except OSError:
        return ""
    longer = [each for each in sorted(names) if path.stem and each.startswith(path.stem.partition(".")[0])]
    close = get_close_matches(path.name[:_LONGEST_NAME], names, n=1, cutoff=_LIKELY) or longer[:1]
    return str(path.with_name(close[0])) if close else ""


def _of_address(scheme: str, rest: str) -> tuple[str, str]:
    if scheme == "file":
        return "is an address, expected a path", f"Write the path: /{rest.lstrip('/')}"
    if scheme == "oci":
        message = "is an address (oci), and a local file is read here: nothing is fetched from a registry"
        hint = "A bundle is `verify bundle oci://…`; else fetch it (`oras pull`), and name the file or its digest."
        return message, hint
    message = f"is an address ({scheme}), and a local file is read here: nothing is fetched"
    return message, "Download it first (`curl --fail --location --remote-name`), and name the file."
