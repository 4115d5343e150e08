"""A list of checksums: which files it names, and what each must be.

* every line counts, and is understood or refuses the whole; lines that begin with `#` are comments, as for coreutils
* each file has a digest that nobody can find another content for (sha256, sha384, sha512); a weak or unknown one beside
  that is compared where it can be, and alone binds nothing
* a file that is listed twice with two digests of one algorithm is two files; the list is refused
* a list of `MAX_LIST_BYTES` is read in a moment, and a longer one is not read

What is refused has its own code each: `checksums.malformed`, `.unsafe-name`, `.conflict`, `.weak-algorithm`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.formats.checksums.lines import read_line
from verifier.formats.checksums.names import plain_name

MAX_LIST_BYTES: Final = 1024 * 1024
"""Bytes of one list: some ten thousand files."""
MAX_LISTED: Final = 10_000
"""Files of one list."""
BINDING: Final = frozenset({"sha256", "sha384", "sha512"})


def parse_listing(content: bytes, *, subject: str) -> Mapping[str, tuple[Digest, ...]]:
    """The digests of each file that the list names, by name; raises `Refused` with everything that is wrong."""
    listed: dict[str, dict[str, str]] = {}
    wrong: list[Reason] = []
    for number, line in enumerate(_lines(content, subject), 1):
        if line.startswith("#"):
            continue
        reason = _take(line, f"{subject}:{number}", listed)
        wrong += [] if reason is None else [reason]
        if len(wrong) >= MAX_FINDINGS or len(listed) > MAX_LISTED:
            break
    if len(listed) > MAX_LISTED:
        raise refuse("input.too-large", subject, f"it lists more than {MAX_LISTED} files")
    wrong += _unbound(listed, subject)
    if wrong:
        raise Refused(*wrong[:MAX_FINDINGS])
    if not listed:
        raise refuse("checksums.malformed", subject, "it lists no file")
    return {
        name: tuple(Digest(algorithm=algorithm, value=value) for algorithm, value in digests.items())
        for name, digests in listed.items()
    }


def _lines(content: bytes, subject: str) -> list[str]:
    if len(content) > MAX_LIST_BYTES:
        message = f"{len(content)} bytes; a list of checksums has at most {MAX_LIST_BYTES}"
        raise refuse("input.too-large", subject, message)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        message = f"it is not UTF-8 (byte {error.start}), expected a list of checksums"
        raise refuse("checksums.malformed", subject, message) from None
    lines = text.removesuffix("\n").split("\n") if text else []
    # Lists that were made on Windows end all their lines so; one that ends some may be read in two ways.
    if all(line.endswith("\r") for line in lines):
        lines = [line.removesuffix("\r") for line in lines]
    return lines


def _take(line: str, place: str, listed: dict[str, dict[str, str]]) -> Reason | None:
    """Note what a line says; why not, where it cannot be."""
    try:
        said = read_line(line)
    except ValueError as error:
        return Reason(code="checksums.malformed", subject=place, message=str(error))
    try:
        name = plain_name(said.name)
    except ValueError as error:
        return Reason(code="checksums.unsafe-name", subject=place, message=f"{said.name[:200]!r}: {error}")
    if any(ord(each) < 0x20 and each != "\n" for each in name):
        message = f"{name[:200]!r} holds a character that does not show"
        return Reason(code="checksums.unsafe-name", subject=place, message=message)
    before = listed.setdefault(name, {}).setdefault(said.algorithm, said.value)
    if before != said.value:
        message = f"{name!r} is listed as {said.algorithm} {before} and {said.value}"
        return Reason(code="checksums.conflict", subject=place, message=message)
    return None


def _unbound(listed: Mapping[str, Mapping[str, str]], subject: str) -> Iterator[Reason]:
    for name, digests in listed.items():
        if not BINDING.intersection(digests):
            seen = ", ".join(digests)
            message = f"of {name!r} it has {seen}, expected a sha256, sha384 or sha512"
            yield Reason(code="checksums.weak-algorithm", subject=subject, message=message)
