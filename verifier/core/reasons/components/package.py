"""Reason codes of packages that are installed in an image or an environment."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, warning

PACKAGE: tuple[ReasonCode, ...] = (
    warning(
        "package.half-installed",
        "a package is only half installed",
        cause="The package database says so: its files may be there or not.",
        remedy="Install it again, or remove it.",
    ),
    warning(
        "package.contradictory",
        "a package's records contradict each other",
        cause="The folder's name and the metadata inside, or two records, name it differently.",
        remedy="The metadata counts; install the package again where that is not meant.",
        threat="T-202",
    ),
    warning(
        "package.no-database",
        "a system without the database of its packages",
        cause="The image says which distribution it is of, and no package of that distribution is recorded in it.",
        remedy="Keep the database in the image: without it nobody can tell which packages its files are from.",
        threat="T-202",
    ),
    warning(
        "package.unread-root",
        "a file system inside of the image cannot be listed",
        cause="A folder holds a database of packages, as the root of a system does, and it cannot be read; or there "
        "are too many of them.",
        remedy="Find out what it is for; remove it, or mend its database.",
        threat="T-202",
    ),
    warning(
        "package.altered",
        "files are not what their packages say",
        cause="A file has other bytes than the package that installed it lists, or is not there.",
        remedy="`verify sbom generate --files` lists them; install the package again where that is not meant.",
        threat="T-202",
    ),
    warning(
        "package.unlisted",
        "what a program or an archive is made of cannot be listed",
        cause="It was made by a Go compiler, and what that has left in it is too old, cut off or no such thing; or it "
        "is a Python egg that is an archive.",
        remedy="Have it built by Go 1.18 or later; have the egg unpacked. Until then no list is whole.",
        threat="T-202",
    ),
    warning(
        "package.elsewhere",
        "packages from elsewhere are used as well",
        cause="The environment uses what is installed in the system, which lies outside of it.",
        remedy="Make it without `--system-site-packages`, or list the whole file system (its root folder).",
        threat="T-202",
    ),
)
