"""Results of audits, and signed scans, made in memory."""

from datetime import UTC, datetime, timedelta

from tests.support.audit.made import NOW, package
from verifier.audit.attested.writing import scan_predicate
from verifier.core.digest import Digest
from verifier.core.uris import VERIFIER_ID
from verifier.core.version import VERSION
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.audit.result import AuditedPackage, AuditResult, Excuse, Finding, Rating

DATABASE = DatabaseInfo(
    digest="sha256:" + "ab" * 32,
    data_date=NOW - timedelta(days=2),
    imported_at=NOW - timedelta(days=1),
    ecosystems=(("PyPI", 2661),),
)

EXCUSE = Excuse(
    by="exceptions",
    where="exceptions.toml:3",
    id="CVE-2019-10906",
    status="not_affected",
    justification="vulnerable_code_not_present",
    reason="no sandbox is used",
    owner="team@acme.example",
    expires=datetime(2024, 12, 1, tzinfo=UTC),
)


def finding(name="jinja2", version="2.10", *, ids=("CVE-2019-10906", "PYSEC-2019-217"), severity="high", **more):
    """A finding, of a package from the public index; `severity` is its word, or a rating."""
    rating = severity if isinstance(severity, Rating) else Rating(severity)
    return Finding(**{"package": package(name, version), "status": "affected", "ids": ids, "rating": rating, **more})


def audited(name="jinja2", version="2.10", *, status="audited", **more):
    """A package and what came of asking about it."""
    return AuditedPackage(package=package(name, version), status=status, **more)


def result(*findings, packages=None, outcome="", now=NOW, database=DATABASE, **more):
    """The result of an audit, of one package that was audited unless `packages` says which."""
    packages = (audited(),) if packages is None else tuple(packages)
    return AuditResult(
        targets=("requirements.txt",),
        packages=packages,
        findings=findings,
        outcome=outcome or ("vulnerable" if findings else "clean"),
        now=now,
        started=now,
        database=database,
        **({"settings": Digest.of(b"settings"), "verifier": (VERIFIER_ID, VERSION), "reasons": ()} | more),
    )


def scan(*findings, **more):
    """The predicate of an audit that came to these findings."""
    return scan_predicate(result(*findings, **more))


def foreign(*items, finished=NOW, last_update=NOW - timedelta(days=1)):
    """A predicate of another scanner, as the specification's example has it; an item is an id and its severities."""
    return {
        "scanner": {
            "uri": "pkg:github/aquasecurity/trivy@244fd47e07d1004f0aed9",
            "version": "0.19.2",
            "db": {
                "uri": "pkg:github/aquasecurity/trivy-db/commit/4c76bb580b2736d67751410fa4ab66d2b6b9b27d",
                "version": "v1-2021080612",
                "lastUpdate": last_update.isoformat().replace("+00:00", "Z"),
            },
            "result": [
                {"id": id_, "severity": [{"method": method, "score": score} for method, score in severities]}
                for id_, severities in items
            ],
        },
        "metadata": {
            "scanStartedOn": (finished - timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
            "scanFinishedOn": finished.isoformat().replace("+00:00", "Z"),
        },
    }
