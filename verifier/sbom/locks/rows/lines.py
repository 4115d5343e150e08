"""A requirements file as pip takes its lines together: continuations joined, comments away, options apart.

* a file whose last line goes on is refused: it was cut short
* options are told from requirements as pip does, at the first word that begins with a hyphen

Source: pip `req/req_file.py` (`join_lines`, `ignore_comments`, `break_args_options`).
"""

from __future__ import annotations

import re
import shlex
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import NamedTuple

from verifier.core.errors import Refused, refuse
from verifier.sbom.locks.rows.document import CODE, at, text_of

_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_QUOTING = re.compile(r"['\"\\]")
_MAX_LINE = 1_000_000
"""Characters of one line with its continuations: a package with 8,000 files."""


class Line(NamedTuple):
    """One logical line, which is a requirement, options, or both; `number` is that of its first part."""

    path: str
    number: int
    requirement: str
    options: tuple[tuple[str, str], ...]

    def refusal(self, what: str, hint: str = "") -> Refused:
        """What to raise about this line."""
        return refuse(CODE, at(self.path, self.number), what, hint)


def lines_of(content: bytes, path: str) -> Iterator[Line]:
    """The logical lines of a file; `Refused` where it cannot be taken apart."""
    for number, text in _joined(text_of(content.removeprefix(BOM_UTF8), path), path):
        plain = _without_comment(text)
        if plain:
            yield _line(path, number, plain)


def _joined(text: str, path: str) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        comment = line.lstrip().startswith("#")
        parts.append(f" {line}" if comment and parts else line)
        first = first or number
        if line.endswith("\\") and not comment:
            parts[-1] = line.strip("\\")
            continue
        whole = "".join(parts)
        if len(whole) > _MAX_LINE:
            raise refuse("input.too-large", at(path, first), f"a line of {len(whole)} characters; at most {_MAX_LINE}")
        yield first, whole
        parts, first = [], 0
    if parts:
        raise refuse(
            CODE, at(path, first), "the last line goes on, and nothing follows: it was cut short", "Lock anew."
        )


def _without_comment(text: str) -> str:
    """A line without what stands behind a `#` that begins it, or that follows a blank."""
    found = _COMMENT.search(text)  # of one character: a pattern that begins with blanks tries them all at each
    return (text if found is None else text[: found.start()]).strip()


def _line(path: str, number: int, text: str) -> Line:
    words = text.split(" ")
    start = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    requirement = " ".join(words[:start]).strip()
    bare = Line(path, number, requirement, ())
    try:
        # `shlex` goes character by character; few files have anything to unquote.
        found = (
            shlex.split(" ".join(words[start:])) if _QUOTING.search(text) else text.split()[len(requirement.split()) :]
        )
    except ValueError as error:
        raise bare.refusal(f"options that cannot be taken apart: {error}") from None
    return bare._replace(options=tuple(_options(found, bare)))


def _options(words: list[str], line: Line) -> Iterator[tuple[str, str]]:
    """Options with their values, by their long names."""
    rest = iter(words)
    for word in rest:
        name, joined, value = _apart(word)
        if name not in LONG:
            raise line.refusal(f"the option {word[:100]!r}, which is not known here")
        long, takes = LONG[name]
        if joined and not takes:
            raise line.refusal(f"{name} with a value, and it takes none")
        if takes and not joined:
            value = next(rest, "")
        if takes and not value:
            raise line.refusal(f"{name} without what it names")
        yield long, value


def _apart(word: str) -> tuple[str, bool, str]:
    """An option and what is joined to it: `--name=value`, `-rvalue`."""
    if word.startswith("--"):
        name, separator, value = word.partition("=")
        return name, bool(separator), value
    return word[:2], len(word) > 2, word[2:].removeprefix("=")


def _named(takes: bool, *options: str) -> dict[str, tuple[str, bool]]:
    return dict.fromkeys(options, (options[0], takes))


LONG: dict[str, tuple[str, bool]] = {
    **_named(True, "--requirement", "-r"),
    **_named(True, "--constraint", "-c"),
    **_named(True, "--editable", "-e"),
    **_named(True, "--index-url", "-i", "--pypi-url"),
    **_named(True, "--extra-index-url"),
    **_named(True, "--find-links", "-f"),
    **_named(True, "--hash"),
    **_named(True, "--trusted-host"),
    **_named(True, "--no-binary"),
    **_named(True, "--only-binary"),
    **_named(True, "--use-feature"),
    **_named(True, "--config-settings", "-C", "--config-setting"),
    **_named(True, "--global-option"),
    **_named(True, "--install-option"),
    **_named(False, "--no-index"),
    **_named(False, "--pre"),
    **_named(False, "--prefer-binary"),
    **_named(False, "--require-hashes"),
}
"""Each option that pip takes in such a file: its long name, and whether it takes a value."""
