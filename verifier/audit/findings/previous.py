"""What has changed since an earlier audit: its report, and the findings of now beside it. Pure.

* two findings are one where they are about the same name in the same file and share an id: neither an upgrade that
  mends nothing nor another primary id makes a new one
* a file is compared where both reports name one; one that only one of them knows is the same where the longer path ends
  in the shorter: an audit may be started in another folder
* a finding is gone only where its package could be asked about: what is unknown now may be there still
* a report that is not one of an audit is refused; one of an earlier release is read for what it says of findings
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from verifier.audit.exceptions.scope import Name, name_of
from verifier.core.costs.budget import Budget
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import MAX_DOCUMENT_BYTES, MAX_ENVELOPE_DEPTH
from verifier.core.value import Value, field, replace
from verifier.formats.audit.result import AuditedPackage, Finding
from verifier.formats.bom.component import Component
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import loads
from verifier.formats.purl import parse_purl
from verifier.sbom.compare.identity import key_of

MAX_FINDINGS: Final = 1_000_000
MAX_IDS: Final = 1_000_000
_CODE: Final = "input.unreadable"


class Earlier(NamedTuple):
    """One finding of an earlier report: `ids` with the primary first, `files` where it stood, if it says so."""

    ids: tuple[str, ...]
    purl: str
    name: Name
    files: frozenset[str]


class Previous(Value):
    """The findings of an earlier report, in its order."""

    findings: tuple[Earlier, ...] = field(repr=False)


def read_previous(content: bytes, *, subject: str, budget: Budget | None = None) -> Previous:
    """The findings in an earlier JSON report, which `subject` names; `ConfigurationError` where it is none."""
    try:
        return _read(content, subject, budget)
    except Refused as refusal:
        hint = "Give the JSON that an earlier `verify audit --format json` has written."
        raise ConfigurationError(refusal.reasons[0].message, where=subject, hint=hint) from refusal


def compared(
    findings: Sequence[Finding], previous: Previous, packages: Sequence[AuditedPackage] = ()
) -> tuple[tuple[Finding, ...], tuple[tuple[str, str], ...]]:
    """`findings` with whether each is new or unchanged; and what is gone, as (primary id, purl).

    `packages` are all that were asked about now: of what is unknown among them nothing is gone.
    """
    known = _Known(previous, frozenset(place.file for each in findings for place in each.package.places))
    told = tuple(replace(each, novelty="unchanged" if known.has(each) else "new") for each in findings)
    unknown = {name_of(each.package) for each in packages if each.status == "unknown"}
    gone = ((each.ids[0], each.purl) for each in known.left() if each.name not in unknown)
    return told, tuple(dict.fromkeys(gone))


class _Known:
    """Earlier findings, found by name and id; which of them are still there."""

    def __init__(self, previous: Previous, files: frozenset[str]) -> None:
        self._all = previous.findings
        self._both = files & frozenset(file for each in self._all for file in each.files)
        self._at: dict[tuple[Name, str], list[int]] = defaultdict(list)
        self._seen: set[int] = set()
        for index, each in enumerate(self._all):
            for identifier in each.ids:
                self._at[each.name, identifier].append(index)

    def has(self, finding: Finding) -> bool:
        """Whether a finding was there; from then on all that are the same one count as seen."""
        name, files = name_of(finding.package), frozenset(each.file for each in finding.package.places)
        found = False
        for identifier in finding.ids:
            for index in self._at.get((name, identifier), ()):
                if self._same_file(self._all[index].files, files):
                    self._seen.add(index)
                    found = True
        return found

    def _same_file(self, earlier: frozenset[str], files: frozenset[str]) -> bool:
        """Whether two findings share a file; one that only one report knows may be called from another folder."""
        if not earlier or not files or earlier & files:
            return True
        pairs = ((old, new) for old in earlier - self._both for new in files - self._both)
        return any(old.endswith(f"/{new}") or new.endswith(f"/{old}") for old, new in pairs)

    def left(self) -> Iterator[Earlier]:
        """What no finding of now is the same as."""
        return (each for index, each in enumerate(self._all) if index not in self._seen)


def _read(content: bytes, subject: str, budget: Budget | None) -> Previous:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise ConfigurationError(f"{len(content):,} bytes; at most {MAX_DOCUMENT_BYTES:,} are read", where=subject)
    tree = loads(content, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, budget=budget)
    audit = Fields.of(tree, code=_CODE, subject=subject).object("audit")
    audit.array("packages", most=MAX_FINDINGS)  # a document that has only findings is another tool's
    return Previous(findings=tuple(map(_earlier, audit.objects("findings", most=MAX_FINDINGS))))


def _earlier(item: Fields) -> Earlier:
    ids = item.texts("ids", most=MAX_IDS)
    if not ids:
        raise item.refusal("ids", "is empty, expected an id at least")
    package = item.object("package")
    purl = package.text("purl")
    return Earlier(ids, purl, _name(package, purl), frozenset(_files(item)))


def _name(package: Fields, text: str) -> Name:
    try:
        purl = parse_purl(text)
    except ValueError as error:
        raise package.refusal("purl", f"is {text[:80]!r}, which is no package URL: it {error}") from error
    key = key_of(Component("library", purl.type, purl.name, namespace=purl.namespace))
    return Name(key.ecosystem, key.namespace, key.name)


def _files(item: Fields) -> Iterable[str]:
    """Where a finding stood."""
    return (each.text("file") for each in item.objects("places", most=MAX_FINDINGS, required=False))
