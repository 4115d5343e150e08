"""Does a file belong to the package that lists it? Its name says so.

* a wheel's name begins with the package's and its version, an archive's of an index with the package's: one of another
  package is refused; what an archive is called elsewhere is free
* names are compared as PEP 503 does, versions as PEP 440 does where their texts differ; what is neither is not judged

Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.part import Part

_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


def refuse_other_file(part: Part, name: str, version: str | None, location: str, *, indexed: bool) -> None:
    """`Refused` where the file at `location`, a URL, a path or a bare name, is one of another package or version.
    `indexed` says whether it comes from an index."""
    file = location.partition("?")[0].partition("#")[0].rpartition("/")[2]
    if "%" in file:
        file = unquote(file)
    wanted = normalised(name)
    if file.endswith(".whl"):
        said, _, rest = file.partition("-")
        if normalised(said) != wanted or not _is_version(rest.partition("-")[0], version):
            raise _other(part, name, version, file)
    elif indexed and file.endswith(_ARCHIVES) and not normalised(file).startswith(f"{wanted}-"):
        raise _other(part, name, version, file)


def _other(part: Part, name: str, version: str | None, file: str) -> Exception:
    pinned = f" {version}" if version else ""
    hint = "Lock anew, and compare with what was committed before."
    return part.refusal("", f"is {name}{pinned} and lists {file[:200]!r}, a file of something else", hint)


def _is_version(said: str, version: str | None) -> bool:
    return version is None or said == version or _equal(said, version)


@lru_cache(maxsize=1024)
def _equal(said: str, version: str) -> bool:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - few are written in two ways

    try:
        return Version(said.replace("_", "-")) == Version(version)
    except InvalidVersion:
        return True
    except ValueError:  # a number of more digits than `int` reads
        return False
