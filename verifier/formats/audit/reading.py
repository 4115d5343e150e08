"""The document of an audit, read again: `read(write(result))` is the result, as far as the document says it.

* reading is strict: an unknown, missing or mistyped member is `verdict.malformed`, and so is what contradicts itself
* the outcome is what the reasons, the findings and the packages lead to: a document that says `clean` beside a finding
  that counts, or of no package at all, is refused
* nobody has signed it: what is read is as true as where it comes from

What the document does not say is not there: digests of distributions, further indexes, how a package was installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final, TypeVar, get_args

from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.formats.audit.database import DatabaseInfo, EpssEntry, KevEntry
from verifier.formats.audit.document import KIND, POLICY, verdict_of
from verifier.formats.audit.package import Package, Place, SourceKind
from verifier.formats.audit.result import (
    AuditedPackage,
    AuditResult,
    Excuse,
    Finding,
    Novelty,
    Outcome,
    PackageStatus,
    Rating,
    SeverityWord,
)
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.verdict.document import fields_of, read_beside, told_as_malformed

MAX_LISTED: Final = 1_000_000
"""Packages, findings and whatever one of these lists."""
W = TypeVar("W", bound=str)


def read(document: JsonValue, *, subject: str = "report") -> AuditResult:
    """The audit that `document` says; refuses with `verdict.malformed`, or `json.case-variant-key`."""
    with told_as_malformed(subject):
        return _read(fields_of(document, subject))


def _read(fields: Fields) -> AuditResult:
    verdict = read_beside(fields, "audit")
    audit = fields.object("audit").exactly(
        *("outcome", "targets", "database", "services", "failOn", "started", "packages", "findings", "gone"),
    )
    packages = _together(map(_audited, audit.objects("packages", most=MAX_LISTED)))
    listed = {(each.package.purl, _bare(each.package.places)): each.package for each in packages}
    database = audit.optional_object("database")
    gone = audit.objects("gone", most=MAX_LISTED, required=False)
    result = AuditResult(
        targets=audit.strings("targets", most=MAX_LISTED),
        packages=packages,
        findings=tuple(_finding(each, listed) for each in audit.objects("findings", most=MAX_LISTED)),
        reasons=verdict.reasons,
        outcome=_word(audit, "outcome", get_args(Outcome)),
        now=verdict.time_verified,
        started=audit.moment("started"),
        database=None if database is None else _database(database),
        services=audit.strings("services", most=MAX_LISTED),
        fail_on=_word(audit, "failOn", get_args(SeverityWord)),
        gone=tuple((each.exactly("id", "purl").string("id"), each.string("purl")) for each in gone),
        compared=audit.value["gone"] is not None,
        inputs=verdict.inputs,
        settings=verdict.policy.digest,
        verifier=(verdict.verifier_id, dict(verdict.verifier_version).get("policy-verifier", "")),
        correlation_id=verdict.correlation_id,
        duration_ms=verdict.duration_ms,
    )
    _require_sense(audit, result, verdict)
    return result


def _require_sense(audit: Fields, result: AuditResult, verdict: Verdict) -> None:
    """Refuse what contradicts itself: the verdict is that of the outcome, and the outcome that of what is listed."""
    if verdict.passed is not (result.outcome == "clean"):
        raise audit.refusal("outcome", f"is {result.outcome}, and the verdict {verdict.decision.value}")
    if verdict.subject.kind != KIND or verdict.policy.uri != POLICY:
        raise audit.refusal("", "stands in the report of something else")
    known = any(each.counts and not each.suppressed and each.status == "affected" for each in result.findings)
    if known and result.outcome != "vulnerable":
        raise audit.refusal("outcome", f"is {result.outcome}, beside a finding that counts")
    unclear = any(each.status == "unknown" and not each.accepted for each in result.packages)
    unclear |= any(each.status == "undecided" and not each.suppressed for each in result.findings)
    if result.outcome == "clean" and (unclear or not result.packages):
        raise audit.refusal("outcome", "is clean, of what nobody can say anything about")
    if verdict_of(result) != verdict:
        raise audit.refusal("", "and the rest of the report are not about one thing")


def _database(item: Fields) -> DatabaseInfo:
    item.exactly("digest", "dataDate", "importedAt", "ecosystems", "dates", "incidental", "refused", "kev", "epss")
    dates = item.object("dates")
    kev, epss = item.optional_object("kev"), item.optional_object("epss")
    return DatabaseInfo(
        digest=str(item.digest("digest")),
        data_date=item.moment("dataDate"),
        imported_at=item.moment("importedAt"),
        ecosystems=_counts(item.object("ecosystems")),
        dates=tuple((name, dates.moment(name)) for name in dates.value),
        incidental=_counts(item.object("incidental")),
        refused=item.count("refused"),
        kev=None if kev is None else kev.exactly("date", "digest").moment("date"),
        epss=None if epss is None else epss.exactly("date", "digest").moment("date"),
        kev_digest=kev.string("digest") if kev else "",
        epss_digest=epss.string("digest") if epss else "",
    )


def _counts(item: Fields) -> tuple[tuple[str, int], ...]:
    return tuple((name, item.count(name)) for name in item.value)


def _together(rows: Iterable[AuditedPackage]) -> tuple[AuditedPackage, ...]:
    """The packages of these rows: one stands in several where its groups or extras are not the same in every place."""
    found: list[AuditedPackage] = []
    for _, same in groupby(rows, key=_apart_from_places):
        first, *others = same
        found.append(_one(first, others) if others else first)
    return tuple(found)


def _apart_from_places(each: AuditedPackage) -> AuditedPackage:
    return replace(each, package=replace(each.package, places=(), groups=(), extras=()))


def _one(first: AuditedPackage, others: Sequence[AuditedPackage]) -> AuditedPackage:
    rows = [each.package for each in (first, *others)]
    places = [place._replace(groups=row.groups, extras=row.extras) for row in rows for place in row.places]
    groups = sorted({group for row in rows for group in row.groups})
    extras = sorted({extra for row in rows for extra in row.extras})
    package = replace(first.package, places=tuple(places), groups=tuple(groups), extras=tuple(extras))
    return replace(first, package=package)


def _bare(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(Place(each.file, each.line) for each in places)


def _audited(item: Fields) -> AuditedPackage:
    item.exactly(
        *("purl", "status", "source", "from", "groups", "ecosystem", "name", "version", "why", "accepted", "records"),
        *("withdrawn", "places", "index", "location", "local", "extras", "markers", "direct"),
    )
    places = _places(item)
    first = item.optional_object("from")
    if (None if first is None else _place(first)) != (places[0] if places else None):
        raise item.refusal("from", "is not the first of its places")
    return AuditedPackage(
        package=Package(
            ecosystem=item.string("ecosystem"),
            name=item.string("name"),
            version=item.optional_string("version"),
            purl=item.string("purl"),
            source=_word(item, "source", get_args(SourceKind)),
            index=item.string("index"),
            location=item.string("location"),
            local=item.flag("local"),
            places=places,
            groups=item.strings("groups", most=MAX_LISTED),
            extras=item.strings("extras", most=MAX_LISTED),
            markers=item.strings("markers", most=MAX_LISTED),
            direct=_optional_flag(item, "direct"),
        ),
        status=_word(item, "status", get_args(PackageStatus)),
        why=item.string("why"),
        withdrawn=item.strings("withdrawn", most=MAX_LISTED),
        records=item.count("records"),
        accepted=item.string("accepted"),
    )


def _finding(item: Fields, listed: dict[tuple[str, tuple[Place, ...]], Package]) -> Finding:
    item.exactly(
        *("package", "status", "ids", "records", "summary", "severity", "score", "vector", "fixedIn", "minimalFix"),
        *(
            "kev",
            "epss",
            "exception",
            "counts",
            "novelty",
            "why",
            "places",
            "direct",
            "paths",
            "references",
            "modified",
        ),
    )
    excuse, kev, epss = (item.optional_object(name) for name in ("exception", "kev", "epss"))
    ids = item.strings("ids", most=MAX_LISTED)
    if not ids:
        raise item.refusal("ids", "is empty, expected an id at least")
    return Finding(
        package=_package(item, listed),
        status=_word(item, "status", ("affected", "undecided")),
        ids=ids,
        records=item.strings("records", most=MAX_LISTED),
        summary=item.string("summary"),
        rating=Rating(_word(item, "severity", get_args(SeverityWord)), _score(item), item.string("vector")),
        fixed_in=item.strings("fixedIn", most=MAX_LISTED),
        minimal_fix=item.optional_string("minimalFix"),
        kev=None if kev is None else _kev(kev),
        epss=None if epss is None else _epss(epss),
        excuse=None if excuse is None else _excuse(excuse),
        novelty=_word(item, "novelty", get_args(Novelty)),
        why=item.string("why"),
        references=item.strings("references", most=MAX_LISTED),
        modified=item.optional_moment("modified"),
        counts=item.flag("counts"),
    )


def _package(item: Fields, listed: dict[tuple[str, tuple[Place, ...]], Package]) -> Package:
    """What a finding is of: one of the packages that are listed, with the ways that it is reached by."""
    named = item.object("package").exactly("purl", "name", "version")
    package = listed.get((named.string("purl"), _places(item)))
    said = (named.string("name"), named.optional_string("version"), _optional_flag(item, "direct"))
    if package is None or said != (package.name, package.version, package.direct):
        raise item.refusal("package", "is none of those that are listed")
    paths = item.array("paths", most=MAX_LISTED)
    return replace(package, paths=tuple(_path(item, path) for path in paths))


def _path(item: Fields, path: JsonValue) -> tuple[str, ...]:
    if not isinstance(path, list) or not all(isinstance(each, str) for each in path):
        raise item.refusal("paths", "holds something else, expected arrays of strings")
    return tuple(str(each) for each in path)


def _score(item: Fields) -> str:
    value = item.value["score"]
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10:
        raise item.refusal("score", "is none, expected a number from 0 to 10, or null")
    return str(float(value))


def _kev(item: Fields) -> KevEntry:
    item.exactly("cve", "added", "due", "ransomware")
    return KevEntry(item.string("cve"), item.string("added"), item.string("due"), item.flag("ransomware"))


def _epss(item: Fields) -> EpssEntry:
    item.exactly("probability", "percentile")
    return EpssEntry("", item.string("probability"), item.string("percentile"))


def _excuse(item: Fields) -> Excuse:
    item.exactly("by", "where", "id", "status", "justification", "reason", "owner", "expires", "expired")
    return Excuse(
        by=_word(item, "by", ("exceptions", "vex")),
        where=item.string("where"),
        id=item.string("id"),
        status=item.string("status"),
        justification=item.string("justification"),
        reason=item.string("reason"),
        owner=item.string("owner"),
        expires=item.optional_moment("expires"),
        expired=item.flag("expired"),
    )


def _places(item: Fields) -> tuple[Place, ...]:
    return tuple(map(_place, item.objects("places", most=MAX_LISTED)))


def _place(item: Fields) -> Place:
    item.exactly("file", "line")
    return Place(item.string("file"), item.count("line"))


def _optional_flag(item: Fields, name: str) -> bool | None:
    return None if item.value.get(name) is None else item.flag(name)


def _word(item: Fields, name: str, words: Iterable[W]) -> W:
    """One of `words`, as itself."""
    text = item.string(name)
    for word in words:
        if word == text:
            return word
    raise item.refusal(name, f"is {text[:80]!r}, expected one of {', '.join(each or repr(each) for each in words)}")
