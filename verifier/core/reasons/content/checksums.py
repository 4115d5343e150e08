"""Reason codes of lists of checksums, and of the files that they list."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note

CHECKSUMS: tuple[ReasonCode, ...] = (
    error(
        "checksums.malformed",
        "the list of checksums is malformed",
        cause="A line is none that sha256sum, shasum, BSD's or openssl's tools write, or nothing is listed.",
        remedy="Give the list as it was signed, such as `sha256sum FILES > SHA256SUMS` writes it; for any other file, "
        "leave --checksums away.",
    ),
    error(
        "checksums.unsafe-name",
        "a name in the list leads elsewhere",
        cause="It is absolute, leads upwards, is of another system, or holds what does not show.",
        remedy="Have the list made in the folder of its files, with names below it.",
        threat="T-208",
    ),
    error(
        "checksums.conflict",
        "the list has two digests of one file",
        cause="One name stands twice, with two digests of one algorithm: readers take the one or the other.",
        remedy="Have the list made anew, with each file once.",
        threat="T-208",
    ),
    error(
        "checksums.weak-algorithm",
        "the list has no digest of a file that binds it",
        cause="It has md5, sha1 or one that is not known here: others can make a file that has it, or nothing can be "
        "compared.",
        remedy="Have the list made with sha256sum or sha512sum.",
        threat="T-201",
    ),
    error(
        "checksums.missing",
        "a listed file is not there",
        cause="No file of that name lies beside the list, or none of all that it lists.",
        remedy="Fetch the file, or say --ignore-missing, or name the files that you have with --listed.",
    ),
    error(
        "checksums.altered",
        "a file is not what the list says",
        cause="Its bytes have another digest than the signed list states.",
        remedy="Do not use it; fetch it again from where the list is from.",
        threat="T-201",
    ),
    error(
        "checksums.unlisted",
        "a file is there that the list does not name",
        cause="It was asked about by name, or everything beside the list was, and no line is about it.",
        remedy="Do not use it as a part of this release; remove it, or have it listed.",
        threat="T-201",
    ),
    error(
        "checksums.outside",
        "a listed file lies elsewhere",
        cause="A link on the way to it leads out of the list's folder, or in a circle.",
        remedy="Put the file itself beside the list.",
        threat="T-209",
    ),
    note(
        "checksums.verified",
        "a listed file is what the list says",
        cause="Its bytes, read once, have every digest that the signed list states.",
        remedy="Use the file with this digest; compare it again where somebody may have changed it since.",
    ),
    note(
        "checksums.not-here",
        "a listed file is not there, as was asked for",
        cause="--ignore-missing was given.",
        remedy="Nothing is to be done where the file is not used.",
    ),
)
