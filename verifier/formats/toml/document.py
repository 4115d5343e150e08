"""TOML that people write and that decides about trust: read strictly, every error at its FILE:LINE.

* what is not UTF-8, not TOML, too large, too deep or of another format version is a `ConfigurationError`
* no line is longer than anyone reads

Pure: the caller has read the bytes.
"""

from __future__ import annotations

import re
import tomllib

from verifier.core.errors import ConfigurationError
from verifier.formats.toml.lines import line_index
from verifier.formats.toml.table import PolicySource, Table

MAX_LINE = 2_048
"""Characters of one line: what a dotted key costs grows with the square of its parts."""

_FORMAT_VERSION = 1
AT_LINE = r" \(at line (\d+), column \d+\)\Z"
"""Where `tomllib` says that something is wrong."""

_INIT = "`verify trust init` writes one"
_ANOTHER = f"a policy is TOML: {_INIT}"
_LINES = (
    (
        "[\u2018\u2019\u201c\u201d]",
        "this line has typographic quotes, as web pages write them: type plain ones",
    ),
    ("\u00a0", "this line has a space that does not break, as web pages write it: type a plain one"),
    (r"^\s*\{", f"this looks like JSON; {_ANOTHER}"),
    (r"^\s*[\w-]+:(?:\s|$)", f"this looks like YAML; {_ANOTHER}"),
    (r"^\s*\[", 'names with a colon are written in quotes: [artifacts."bundle:authz"]'),
)
"""What a line that is no TOML looks like, and what to do."""
_TEXTS = 'texts are written in quotes: key = "keys/release.pub"'
_UTF_8 = "Name a text in UTF-8: this is another file, or was saved otherwise."
_ANY = "write tables in brackets, and below them keys with an equals sign (docs/trust-policy.md)"


def open_document(
    source: bytes,
    *,
    where: str,
    known: frozenset[str],
    max_bytes: int,
    whole: str = "the policy",
    needs_version: bool = True,
) -> Table:
    """The table of `source`, whose keys are all `known` and whose `version` is 1; errors call it `whole`.

    Without `needs_version` one that states no version is of the first.
    """
    if len(source) > max_bytes:
        raise ConfigurationError(f"{whole} has at most {max_bytes} bytes, not {len(source)}", where=where)
    if not source.strip():
        raise ConfigurationError(f"{whole} is an empty file", where=where, hint="Write it anew, or name another file.")
    top = _load(_decode(source, where), where, known, whole)
    version = top.required("version") if needs_version else top.values.get("version", _FORMAT_VERSION)
    if type(version) is not int or version != _FORMAT_VERSION:
        hint = "Write version = 1; a policy of another format is for another release of `verify`."
        raise top.error("version", f"must be {_FORMAT_VERSION}, the only format that this release reads", hint)
    return top


def _decode(source: bytes, where: str) -> str:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        what, todo = _given(source)
        raise ConfigurationError(
            f"not UTF-8: {what or error.reason}", where=f"{where}:{line}", hint=todo or _UTF_8
        ) from error
    for number, line_text in enumerate(text.split("\n"), start=1):
        if len(line_text) > MAX_LINE:
            message = f"a line has at most {MAX_LINE} characters, not {len(line_text)}"
            raise ConfigurationError(message, where=f"{where}:{number}")
    return text


def _load(text: str, where: str, known: frozenset[str], whole: str) -> Table:
    try:
        document = tomllib.loads(text)
        lines = line_index(text)  # only of text that has just been accepted
    except RecursionError as error:
        raise ConfigurationError("arrays and tables are nested too deeply", where=f"{where}:1") from error
    except ValueError as error:  # also what `int` raises for thousands of digits
        message = str(error)
        found = re.search(AT_LINE, message)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        what, todo = _given(text.encode())
        hint = todo or _hint(message, *text.split("\n")[line - 1 : line])
        raise ConfigurationError(
            f"not TOML: {what or re.sub(AT_LINE, '', message)}", where=f"{where}:{line}", hint=hint
        ) from error
    return Table.open(PolicySource(where=where, lines=lines, whole=whole), (), document, known)


def _given(source: bytes) -> tuple[str, str]:
    """What was given instead of TOML, and what to do; two empty texts where nobody knows."""
    from verifier.formats.foreign.named import sentence  # noqa: PLC0415 - only for what was refused

    what, todo = sentence(source, place="policy")
    return what, (f"A policy is TOML: {_INIT}." if "a YAML document" in what or "JSON" in what else todo)


def _hint(message: str, line: str = "") -> str:
    for like, hint in _LINES:
        if re.search(like, line):
            return hint
    return _TEXTS if message.startswith("Invalid value") else _ANY
