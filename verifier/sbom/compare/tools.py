"""What other tools put into their documents, and what they cannot see: measured, a row each.

* a tool's blindness excuses only what it names, and only where the document lists nothing of the kind that is there:
  what a tool has seen one of, it sees
* a tool that is not known here is excused for files, where it lists none, but for those of a bundle, which is nothing
  else; and for nothing else
* an excuse is never a yes: what it covers is `unverified`, counted and said, and missing where a rule is strict
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from verifier.core.value import Value, field
from verifier.formats.bom.component import FILE
from verifier.formats.bom.document import Tool

OWN_TOOL: Final = "policy-verifier"
"""What this program calls itself in what it writes."""


class Seen(Value):
    """What a tool lists of one kind of artifact.

    `blind` are the ecosystems that it cannot list there, each with the reason; `partly` those of which it lists some
    and leaves others out. `vendored` says whether it lists what is packed inside other packages, `copies` whether a
    component that is there twice is listed twice. `names_subject` says whether the name that it gives the artifact
    is the artifact's own, not a folder's.
    """

    blind: Mapping[str, str] = field(default_factory=dict)
    partly: Mapping[str, str] = field(default_factory=dict)
    vendored: bool = True
    copies: bool = True
    names_subject: bool = True


_LONGEST_NAME: Final = 100
_FILES: Final = "lists packages, no files"
_SYSTEM: Final = "lists Python packages alone"
_PYTHON_ONLY: Final[Mapping[str, str]] = MappingProxyType(
    {FILE: _FILES, **dict.fromkeys(("deb", "rpm", "apk", "npm", "golang", "generic"), _SYSTEM)}
)
_SYSTEM_ONLY: Final[Mapping[str, str]] = MappingProxyType(
    {FILE: _FILES, **dict.fromkeys(("pypi", "npm", "golang", "generic"), "lists packages of the system alone")}
)
_SYFT_FILES: Final = "lists the files that packages record with digests, or none"
_SYFT = Seen(partly=MappingProxyType({FILE: _SYFT_FILES}), vendored=False, copies=False, names_subject=False)
_CDXGEN = Seen(blind=MappingProxyType({FILE: _FILES}), vendored=False, copies=False, names_subject=False)
_PYTHON = Seen(blind=_PYTHON_ONLY, vendored=False, copies=False)
_OWN_PACKAGES = Seen(blind=MappingProxyType({FILE: "was made without `--files`"}))

TOOLS: Mapping[str, Mapping[str, Seen]] = MappingProxyType(
    {
        OWN_TOOL: {"bundle": Seen(), **dict.fromkeys(("image", "environment", "project"), _OWN_PACKAGES)},
        "syft": {"image": _SYFT, "environment": _SYFT, "project": _SYFT},
        "cdxgen": {"image": _CDXGEN, "environment": _CDXGEN, "project": _CDXGEN},
        "trivy": {"image": Seen(blind=_SYSTEM_ONLY, vendored=False, copies=False, names_subject=False)},
        "uv": {"project": _PYTHON},
        "cyclonedx-py": {"environment": _PYTHON, "project": _PYTHON},
    }
)
"""By the name that a tool gives itself, and the kind of artifact. A tool that lists nothing of a kind has no row."""

_UNKNOWN = Seen(blind=MappingProxyType({FILE: "no file is listed"}))
_NOTHING_EXCUSED = Seen()


def tool_of(tools: Iterable[Tool]) -> str:
    """The name of the first tool that is known here, else of the first, else ""."""
    names = [each.name for each in tools]
    return next((each for each in names if each.lower() in TOOLS), names[0] if names else "").lower()[:_LONGEST_NAME]


def seen_by(tool: str, kind: str) -> Seen:
    """What a document of that tool, about an artifact of that kind, can list."""
    if tool in TOOLS:
        return TOOLS[tool].get(kind, _NOTHING_EXCUSED)
    return _NOTHING_EXCUSED if kind == "bundle" else _UNKNOWN
