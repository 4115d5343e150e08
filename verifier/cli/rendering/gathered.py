"""What is shown again: reports, an audit, an SBOM, the export of a ledger; each file is told by what it holds.

* everything is read strictly, and bounded; what is none of these is named, with the one thing to do
* nothing is verified: what is read is as true as where it comes from
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from verifier.cli.rendering.export import is_export
from verifier.core.errors import ConfigurationError
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.core.text.shown import shown
from verifier.files.read import read_regular_file
from verifier.formats.json import strict_json
from verifier.formats.verdict import document, several

if TYPE_CHECKING:
    from verifier.core.verdict import Verdict
    from verifier.formats.audit.result import AuditResult
    from verifier.formats.bom.component import Component

T = TypeVar("T")
_BOM: Final = ("bomFormat", "spdxVersion", "@graph")
_MAKE_ONE: Final = "Make one: `verify bundle REF --format json > report.json`, or `verify audit --format json`."


@dataclass(kw_only=True, slots=True)
class Gathered:
    """All that the files say; `exports` are read once it is known of which scope."""

    verdicts: list[Verdict] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    audit: AuditResult | None = None
    components: tuple[Component, ...] | None = None
    export: Path | None = None

    def take(self, path: Path) -> None:
        """Read one file; `Refused` where it is damaged, `ConfigurationError` where it is something else."""
        if is_export(path):
            self.export = _once(self.export, path, path, "export of a ledger")
            return
        content = read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            self._listed(content, path)
            return
        if content.lstrip()[:1] not in (b"{", b"["):
            raise _something_else(path, content)
        self._json(strict_json.loads(content, subject=str(path)), content, path)

    def _json(self, tree: strict_json.JsonValue, content: bytes, path: Path) -> None:
        subject = str(path)
        if not isinstance(tree, dict) or not any(name in tree for name in ("schema", *_BOM)):
            raise _something_else(path, content)
        if "schema" not in tree:
            self._listed(content, path)
        elif tree.get("schema") == document.SCHEMA and "audit" in tree:
            from verifier.formats.audit.reading import read  # noqa: PLC0415 - only where there is one

            self.audit = _once(self.audit, read(tree, subject=subject), path, "audit")
        else:
            found = several.read(tree, subject=subject)
            self.verdicts += found
            self.references += [shown(subject)] * len(found)

    def _listed(self, content: bytes, path: Path) -> None:
        self.components = _once(self.components, _components(content, path), path, "SBOM")


def components_in(path: Path) -> tuple[Component, ...]:
    """What the SBOM in a file lists; `Refused` where it is none."""
    return _components(read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES), path)


def _components(content: bytes, path: Path) -> tuple[Component, ...]:
    from verifier.sbom.reading import read_bom  # noqa: PLC0415 - loads the readers of the formats

    return read_bom(content, subject=str(path)).components


def _once(before: T | None, now: T, path: Path, what: str) -> T:
    if before is not None:
        raise ConfigurationError(
            f"{shown(str(path))} is one more {what}, and one is shown", where="FILE", hint="Name one."
        )
    return now


def _something_else(path: Path, content: bytes) -> ConfigurationError:
    from verifier.formats.foreign.recognise import recognise  # noqa: PLC0415 - only for a mistake

    found = recognise(content)
    what = f"is {found.what}" if found is not None else "is nothing that is known here"
    expected = "a report or an audit (--format json), an SBOM, or an export of a ledger"
    return ConfigurationError(f"{shown(str(path))} {what}, expected {expected}", where="FILE", hint=_MAKE_ONE)
