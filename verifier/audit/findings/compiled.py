"""Which command has made a file of requirements: what pip-compile and uv write at its head. Pure.

* only a comment at the head counts, and only a command of tools that are known here; any other is told, never run on
* what is kept of the command is its arguments, one by one: nothing of it is a shell's
"""

from __future__ import annotations

import shlex
from typing import Final, Literal

from verifier.core.value import Value

MOST_HEAD: Final = 8_192
"""Bytes of a file that its head is looked for in."""
Tool = Literal["pip-compile", "uv pip compile", "uv export", ""]
_TOOLS: Final[tuple[tuple[Tool, tuple[str, ...]], ...]] = (
    ("pip-compile", ("pip-compile",)),
    ("uv pip compile", ("uv", "pip", "compile")),
    ("uv export", ("uv", "export")),
)
_SAID: Final = ("by the following command:", "via the following command:")
_OUTPUT: Final = ("-o", "--output-file")


class Compiled(Value):
    """The command that a file says it was made by; `tool` is "" for one that is not known, `written` then says it."""

    tool: Tool
    arguments: tuple[str, ...] = ()
    written: str = ""

    @property
    def output(self) -> str:
        """The file that it says itself it writes, "" where it says none."""
        for index, word in enumerate(self.arguments):
            flag, equals, value = word.partition("=")
            if flag in _OUTPUT:
                return value if equals else "".join(self.arguments[index + 1 : index + 2])
        return ""


def made_by(content: bytes) -> Compiled | None:
    """What the head of a file says; None where it says nothing, or nothing that anyone could type."""
    lines = iter(_head(content))
    if not any(each.lower().endswith(_SAID) for each in lines):
        return None
    written = next((each for each in lines if each), "")
    if not written or not written.isprintable():
        return None
    try:
        words = tuple(shlex.split(written))
    except ValueError:
        return None
    for tool, beginning in _TOOLS:
        if words[: len(beginning)] == beginning:
            return Compiled(tool=tool, arguments=words[len(beginning) :], written=written)
    return Compiled(tool="", written=written)


def _head(content: bytes) -> list[str]:
    """The lines of the comment that a file begins with, without their marks."""
    lines = []
    for line in content[:MOST_HEAD].decode("utf-8", errors="replace").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    return lines
