"""Reason codes of what a project depends on, as its lock files say it."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided, warning

DEPENDENCY: tuple[ReasonCode, ...] = (
    error(
        "dependency.confusion",
        "a private dependency may come from somewhere else",
        cause="Its name is private, and its recorded source is another than the private index, is not recorded, or "
        "several indexes may answer.",
        remedy="Pin the private index for it in the lock file, and let no other index answer for the name.",
        threat="T-202",
    ),
    error(
        "dependency.unpinned",
        "a dependency is not pinned",
        cause="It has no exact version, or names a branch rather than a commit.",
        remedy="Lock it to a version or a commit.",
        threat="T-202",
    ),
    error(
        "dependency.hash-missing",
        "a dependency has no digest",
        cause="Nothing in the lock file says which bytes are meant by SHA-256 or better.",
        remedy="Lock it with hashes.",
        threat="T-202",
    ),
    error(
        "dependency.hash-weak",
        "a dependency is pinned by a weak digest",
        cause="All that says which bytes are meant is MD5 or SHA-1, which can be forged.",
        remedy="Lock it with SHA-256 or better.",
        threat="T-202",
    ),
    error(
        "dependency.index-not-allowed",
        "a dependency comes from an index that is not allowed",
        cause="The lock file, or the requirement, names an index that the rule does not list.",
        remedy="Take it from an allowed index, or allow this one.",
        threat="T-202",
    ),
    error(
        "dependency.not-from-index",
        "a dependency does not come from an index",
        cause="It is taken from a repository, a URL or a folder, about which no record says anything.",
        remedy="Take a release from an index, or accept it by name in the exceptions.",
        threat="T-202",
    ),
    error(
        "dependency.yanked",
        "a release was withdrawn by its makers",
        cause="The index says that it is yanked.",
        remedy="Lock another release.",
        threat="T-216",
    ),
    error(
        "dependency.quarantined",
        "a project is in quarantine",
        cause="The index says that nobody shall install from it.",
        remedy="Remove it, and look at what was installed already.",
        threat="T-216",
    ),
    error(
        "dependency.too-new",
        "a release is younger than the cool-down",
        cause="It was uploaded more recently than the rule allows, or nobody says when.",
        remedy="Wait, or lock the release before it.",
        threat="T-216",
    ),
    undecided(
        "dependency.lock-outdated",
        "a lock file is not that of its project",
        cause="The project asks for what its lock does not pin, or for other versions.",
        remedy="Lock anew.",
        threat="T-202",
    ),
    error(
        "dependency.locks-disagree",
        "two lock files of one project disagree",
        cause="They pin one package at different versions, or the same version with different digests.",
        remedy="Make all but one of them anew, or remove what is not used.",
        threat="T-202",
    ),
    error(
        "dependency.lock-invalid",
        "a lock file is not sound",
        cause="It breaks its format or is of an unknown version, a merge in it was not finished, two of its rows "
        "contradict each other, or it includes what is not below its root.",
        remedy="Make it anew with the tool that it belongs to; the message says where it breaks.",
        threat="T-202",
    ),
    warning(
        "dependency.lock-irregular",
        "a lock file is not quite what its format says",
        cause="It is of a newer minor version than is known here, its names are not normalised, it pins nothing, or"
        " not all that it needs.",
        remedy="Nothing, or lock anew with a current release of the tool.",
    ),
    warning(
        "dependency.index-silent",
        "an index cannot say what it was asked",
        cause="It has HTML pages only: what is yanked, in quarantine or how old is nowhere in them to be relied on.",
        remedy="Ask an index that answers in JSON (PEP 691), or live with not knowing.",
    ),
    warning(
        "dependency.private-unmatched",
        "a private name matches nothing",
        cause="No component has a name that the pattern matches: it may be misspelt.",
        remedy="Correct the pattern, or remove it.",
    ),
)
