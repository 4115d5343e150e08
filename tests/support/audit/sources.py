"""What is audited, laid out in a folder and collected; and how packages are told in tests."""

from __future__ import annotations

import contextlib

from verifier.core.errors import Refused
from verifier.engine.audits.opening import Opening, collect


def laid(folder, files):
    """The files, texts or bytes by their paths, written below a folder."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def collected(folder, files, target, **opening):
    """What comes of a target that is typed in a folder which holds these files."""
    laid(folder, files)
    with contextlib.chdir(folder):
        return collect(target, opening=Opening(**opening))


def refusal(folder, files, target, **opening):
    """The first reason of why such a target is refused."""
    laid(folder, files)
    with contextlib.chdir(folder):
        try:
            found = collect(target, opening=Opening(**opening))
        except Refused as refused:
            return refused.reasons[0]
    raise AssertionError(f"not refused: {told(found)}")


def told(found):
    """Name, version and source of each package."""
    return [(each.name, each.version, each.source) for each in found.packages]


def pins(found):
    """Name and version of each package."""
    return {(each.name, each.version) for each in found.packages}


def one(found, name):
    """The one package that has this name."""
    (package,) = [each for each in found.packages if each.name == name]
    return package


def places(package):
    """Where it stands, as FILE:LINE."""
    return [f"{place.file}:{place.line}" for place in package.places]


def said(found):
    """Code, severity and subject of each reason."""
    return [(each.code, each.severity.value, each.subject) for each in found.reasons]
