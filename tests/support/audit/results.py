"""Results of audits, made in memory: what reports are made of."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.support import hostile
from tests.support.audit.made import NOW, package
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.reasons.table import CATALOGUE
from verifier.core.value import replace
from verifier.formats.audit.database import DatabaseInfo, EpssEntry, KevEntry
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Excuse, Finding, Rating

DIGEST = f"sha256:{'5a' * 32}"
DATABASE = DatabaseInfo(
    digest=DIGEST,
    data_date=NOW - timedelta(days=2),
    imported_at=NOW - timedelta(days=1),
    ecosystems=(("PyPI", 2661),),
    dates=(("PyPI", NOW - timedelta(days=2)),),
)
JINJA = package()
DJANGO = package("django", "3.2.1", line=2)
KEV = KevEntry("CVE-2021-35042", "2021-11-03", "2021-11-17", ransomware=False)
EPSS = EpssEntry("CVE-2021-35042", "0.91234", "0.99")


def finding(identifier="CVE-2019-10906", *others, of=JINJA, severity="high", score="8.6", **more):
    """A finding that counts."""
    said = {
        "status": "affected",
        "summary": "Sandbox escape",
        "records": ("PYSEC-2019-217",),
        "fixed_in": ("2.10.1",),
        "minimal_fix": "2.10.1",
        "rating": Rating(severity, score if severity != "unknown" else ""),
    }
    return Finding(package=of, ids=(identifier, *others), **(said | more))


def excuse(**more):
    """A valid exception."""
    said = {
        "by": "exceptions",
        "where": "audit.toml:4",
        "id": "CVE-2019-10906",
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "reason": "no sandbox is used",
        "owner": "team-web@acme.example",
        "expires": datetime(2024, 12, 31, tzinfo=UTC),
    }
    return Excuse(**(said | more))


def audited(of=JINJA, status="audited", **more):
    """A package, audited unless said otherwise."""
    return AuditedPackage(package=of, status=status, **more)


def reason_of(each):
    """The reason that an audit has for a finding."""
    code = "known" if each.status == "affected" else "undecided"
    if each.suppressed or (each.status == "affected" and not each.counts):
        code = "accepted"
    return Reason(code=f"vulnerability.{code}", subject=each.package.purl, message=f"{each.ids[0]}: {each.summary}")


def reason_about(each):
    """The reason that an audit has for a package about which nobody can say."""
    code = "unknown-dependency" if each.status == "unknown" else "undecided"
    return Reason(code=f"vulnerability.{code}", subject=each.package.purl, message=each.why or "nobody can say")


def result(*findings, packages=None, reasons=(), outcome=None, **more):
    """A result of these findings: its outcome and reasons are what such an audit comes to."""
    if packages is None:
        found = {each.package.purl: each.package for each in findings} or {JINJA.purl: JINJA}
        packages = tuple(audited(each, records=0 if not findings else 3) for each in found.values())
    unclear = [each for each in packages if each.status != "audited" and not each.accepted]
    said = (*map(reason_of, findings), *map(reason_about, unclear), *reasons)
    errors = [each for each in said if each.is_error]
    worst = "clean" if not errors else "undecided" if all(each.is_undecided for each in errors) else "vulnerable"
    fixed = {
        "targets": ("requirements.txt",),
        "now": NOW,
        "started": NOW,
        "database": DATABASE,
        "settings": Digest.of(b"settings"),
        "verifier": ("https://policy-verifier.dev", "0.1.0"),
        "correlation_id": "c-1",
    }
    return AuditResult(packages=packages, findings=findings, reasons=said, outcome=outcome or worst, **(fixed | more))


def every_kind():
    """A result in which everything that a report can say is there."""
    git = package("inside", None, line=7, source="git", location="https://git.acme.example/inside")
    odd = package("binderhub", "0.2.0-n653", line=8)
    held = package("torch", "1.13.0+cu117", line=9)
    return result(
        finding(
            "CVE-2021-35042",
            "PYSEC-2021-109",
            "GHSA-xpfp-f569-q3p2",
            of=DJANGO,
            severity="critical",
            score="9.8",
            kev=KEV,
            epss=EPSS,
            novelty="new",
            minimal_fix="3.2.25",
        ),
        finding("PYSEC-2022-1", of=DJANGO, severity="unknown", minimal_fix=None, novelty="unchanged"),
        finding("CVE-2019-10906", "GHSA-462w-v97r-4m45", excuse=excuse(), counts=False),
        finding("CVE-2020-28493", severity="low", score="3.1", counts=False),
        finding(
            "PYSEC-2023-9",
            of=odd,
            status="undecided",
            severity="unknown",
            why="its fix is 0.2.0-n653, which PEP 440 refuses",
            minimal_fix=None,
        ),
        packages=(
            audited(JINJA, records=9),
            audited(DJANGO, records=80),
            audited(odd, "undecided", why="a record cannot be evaluated", records=1),
            audited(git, "unknown", why="it comes from a repository, about which no record says anything"),
            audited(held, "unknown", why="its name is private (acme-*)", accepted="team-ml@acme.example"),
            audited(package("left", "1.0", line=3)),
        ),
        reasons=(
            Reason(code="dependency.hash-weak", subject="requirements.txt:5", message="left is pinned by MD5 only"),
            Reason(code="vulnerability.exception-unused", subject="audit.toml:9", message="CVE-1 of nothing"),
        ),
        compared=True,
        fail_on="medium",
        gone=(("CVE-2018-1", "pkg:pypi/left@0.9"),),
    )


HOSTILE = hostile.ANY | st.just("")
WORDS = st.sampled_from(("critical", "high", "medium", "low", "none", "unknown"))
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
PLACES = st.lists(st.builds(Place, HOSTILE, st.integers(0, 99)), max_size=3).map(tuple)
PACKAGES = st.builds(
    Package,
    ecosystem=st.sampled_from(("pypi", "npm", "deb", "")),
    name=HOSTILE,
    version=st.none() | HOSTILE,
    purl=st.one_of(HOSTILE, st.sampled_from(("pkg:pypi/left@1.0", "pkg:npm/%40acme/right@2.0%2B1"))),
    source=st.sampled_from(("index", "git", "url", "path")),
    index=HOSTILE,
    location=HOSTILE,
    local=st.booleans(),
    places=PLACES,
    groups=st.lists(HOSTILE, max_size=2).map(tuple),
    extras=st.lists(HOSTILE, max_size=2).map(tuple),
    markers=st.lists(HOSTILE, max_size=2).map(tuple),
    direct=st.none() | st.booleans(),
    paths=st.lists(st.lists(HOSTILE, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
)
RATINGS = st.builds(
    Rating, severity=WORDS, score=st.sampled_from(("", "0.0", "3.9", "7.0", "10.0")), vector=st.just("") | HOSTILE
)
EXCUSES = st.builds(
    Excuse,
    by=st.sampled_from(("exceptions", "vex")),
    where=HOSTILE,
    id=HOSTILE,
    status=st.sampled_from(("not_affected", "affected", "fixed", "under_investigation")),
    justification=st.sampled_from(("", "component_not_present", "inline_mitigations_already_exist")),
    reason=HOSTILE,
    owner=HOSTILE,
    expires=st.none() | MOMENTS,
    expired=st.booleans(),
)


def findings(packages):
    """Findings of one of these packages."""
    return st.builds(
        Finding,
        package=st.sampled_from(packages),
        status=st.sampled_from(("affected", "undecided")),
        ids=st.lists(HOSTILE.filter(str.strip), min_size=1, max_size=3).map(tuple),
        records=st.lists(HOSTILE, max_size=2).map(tuple),
        summary=HOSTILE,
        rating=RATINGS,
        fixed_in=st.lists(HOSTILE, max_size=2).map(tuple),
        minimal_fix=st.none() | HOSTILE,
        kev=st.none() | st.builds(KevEntry, HOSTILE, HOSTILE, HOSTILE, st.booleans()),
        epss=st.none() | st.builds(EpssEntry, st.just(""), st.sampled_from(("0", "0.5", "1e-3")), HOSTILE),
        excuse=st.none() | EXCUSES,
        novelty=st.sampled_from(("", "new", "unchanged")),
        why=HOSTILE,
        references=st.lists(HOSTILE | st.just("https://acme.example/a b"), max_size=2).map(tuple),
        modified=st.none() | MOMENTS,
        counts=st.booleans(),
    )


@st.composite
def results(draw):
    """A result whose texts are hostile, and whose outcome is what its reasons lead to."""
    packages = draw(st.lists(PACKAGES, max_size=4, unique_by=lambda each: each.purl))
    found = draw(st.lists(findings(packages), max_size=4)) if packages else []
    asked = st.builds(
        AuditedPackage,
        package=st.just(None),
        status=st.sampled_from(("audited", "undecided", "unknown")),
        why=HOSTILE,
        withdrawn=st.lists(HOSTILE, max_size=2).map(tuple),
        records=st.integers(0, 9),
        accepted=st.just("") | HOSTILE,
    )
    said = st.builds(
        Reason,
        code=st.sampled_from(sorted(code for code in CATALOGUE if code.startswith(("vulnerability.", "dependency.")))),
        subject=HOSTILE,
        message=HOSTILE,
    )
    compared = draw(st.booleans())
    return result(
        *found,
        packages=tuple(replace(draw(asked), package=each) for each in packages),
        reasons=tuple(draw(st.lists(said, max_size=3))),
        database=draw(st.sampled_from((None, DATABASE, replace(DATABASE, kev=NOW, epss=NOW)))),
        services=tuple(draw(st.lists(HOSTILE, max_size=2))),
        targets=tuple(draw(st.lists(HOSTILE, max_size=2))),
        fail_on=draw(WORDS),
        compared=compared,
        gone=tuple(draw(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=2))) if compared else (),
    )
