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
        remedy="Find out who changed it; the metadata counts.",
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
        "package.altered",
        "files are not what their packages say",
        cause="A file has other bytes than the package that installed it lists, or is not there.",
        remedy="Find out who changed it: nobody's SBOM shows that.",
        threat="T-202",
    ),
)
