"""VEX documents as exceptions: what they state about the packages that are audited. Pure.

* a statement is bound to what it names: a package by its purl and exactly its version, or the project as a whole, or
  what is within it (`sbom.vex`); about anything else it says nothing here, and that is told
* only `not_affected` and `fixed` keep a finding from counting; of several statements the newest counts, and where it
  says something else, nothing is kept
* it ends `max_days` after its timestamp; without a timestamp it does not count
* nobody's signature is asked for: such a document is the operator's own word, like the file of exceptions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from verifier.audit.exceptions.model import UNUSED, NamedVex, VexInput
from verifier.core.clock import shifted
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import Excuse, Finding
from verifier.formats.bom.component import Component
from verifier.formats.bom.vex import SILENCING, VexDocument, VexStatement
from verifier.formats.purl import parse_purl
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.settle import Settled


class Stated:
    """What documents state about `packages`."""

    def __init__(self, vex: VexInput, packages: Sequence[Package], now: datetime) -> None:
        self._now, self._lasting = now, timedelta(days=vex.max_days)
        self._components: dict[str, Component] = {}
        self._source: dict[int, NamedVex] = {}
        self._statements: list[VexStatement] = []
        self._used: set[int] = set()
        self._settled: Settled | None = None
        self.reasons: tuple[Reason, ...] = ()
        if vex.documents:
            self._components = {each.purl: _component(each) for each in packages}
            self._settled = Settled(self._heard(vex.documents), self._inventory(packages, vex.edges), now)
            self.reasons += self._settled.reasons

    def _heard(self, documents: Iterable[NamedVex]) -> list[VexDocument]:
        """The documents without what nobody has dated."""
        heard = []
        for named in documents:
            document, reasons = _dated(named)
            self.reasons += reasons
            self._statements += document.statements
            self._source.update((id(each), named) for each in document.statements)
            heard.append(document)
        return heard

    def _inventory(self, packages: Sequence[Package], edges: Iterable[tuple[str, str]]) -> Inventory:
        own = [each.purl for each in packages if each.local]
        subject = self._components[own[0]] if len(own) == 1 else None
        return Inventory(
            [each for each in self._components.values() if each is not subject],
            subject=subject,
            dependencies=[(needs, (needed,)) for needs, needed in edges],
        )

    def excuse(self, finding: Finding) -> Excuse | None:
        """What keeps a finding from counting, or has; None where no statement does."""
        component = self._components.get(finding.package.purl)
        if self._settled is None or component is None:
            return None
        statement = self._settled.statement(finding.ids, component)
        if statement is None or statement.status not in SILENCING or statement.timestamp is None:
            return None
        self._used.add(id(statement))
        ends = shifted(statement.timestamp, self._lasting)
        return Excuse(
            by="vex",
            where=self._source[id(statement)].name,
            id=statement.vulnerability,
            status=statement.status,
            justification=statement.justification,
            reason=statement.impact or statement.notes,
            owner=self._source[id(statement)].document.author,
            expires=ends,
            expired=ends <= self._now,
        )

    def unused(self) -> Iterator[Reason]:
        """A warning for each statement that would keep a finding from counting, and did not."""
        told = {each.subject for each in self.reasons if each.code == "vex.elsewhere"}
        silent = [
            each
            for each in self._statements
            if each.status in SILENCING and id(each) not in self._used and each.vulnerability not in told
        ]
        for each in silent[:MAX_FINDINGS]:
            message = f"{each.status} in {self._source[id(each)].name} keeps nothing from counting: nothing here has it"
            yield Reason(code=UNUSED, subject=each.vulnerability, message=message)
        if len(silent) > MAX_FINDINGS:
            message = f"{len(silent) - MAX_FINDINGS} more statements keep nothing from counting"
            yield Reason(code=UNUSED, subject="statements", message=message)


def _dated(named: NamedVex) -> tuple[VexDocument, tuple[Reason, ...]]:
    """A document without the statements that nobody has dated, and what there is to say of it."""
    document = named.document
    dated = tuple(each for each in document.statements if each.timestamp is not None)
    missing = len(document.statements) - len(dated)
    if missing:
        message = f"{missing} statements have no timestamp: nobody knows when they end, and they do not count"
        undated = Reason(code="vex.invalid", subject=named.name, message=message).as_warning()
        return replace(document, statements=dated), (*document.findings, undated)
    return document, document.findings


def _component(package: Package) -> Component:
    try:
        qualifiers = parse_purl(package.purl).qualifiers
    except ValueError:
        qualifiers = ()
    return Component(
        "library",
        package.ecosystem,
        package.name,
        package.version,
        namespace=package.namespace,
        qualifiers=qualifiers,
        ref=package.purl,
        purl=package.purl,
    )
