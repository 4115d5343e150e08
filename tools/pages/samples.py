"""Reports to look at: an accepted bundle, a denied one, several artifacts, an audit. Made up, of any size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from verifier.core.digest import Digest
from verifier.core.outcome import Reason, outcome_of
from verifier.core.verdict import EvidenceItem, Input, LedgerTrace, PolicyReference, Subject, Verdict
from verifier.formats.audit.database import DatabaseInfo, EpssEntry, KevEntry
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding, Rating, SeverityWord
from verifier.formats.bom.component import Component, License
from verifier.formats.verdict.dossier import Dossier, Happened

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
_VERSIONS = ("1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.3.2", "1.4.0")
_NAMES = ("requests", "urllib3", "cryptography", "certifi", "idna", "attrs", "packaging", "pyyaml", "jinja2", "numpy")
_SEVERITIES: tuple[tuple[SeverityWord, str], ...] = (
    ("critical", "9.8"),
    ("high", "7.5"),
    ("medium", "5.3"),
    ("low", "2.1"),
    ("unknown", ""),
)
_LICENCES = ("Apache-2.0", "MIT", "BSD-3-Clause", "MPL-2.0", "PSF-2.0")


def _digest(text: str) -> Digest:
    return Digest.of(text.encode("utf-8", "surrogatepass"))


def verdict(
    version: str | None = "1.4.0",
    *,
    name: str = "authz",
    kind: str = "bundle",
    reasons: tuple[Reason, ...] = (),
    signed: bool = True,
    before: str | None = "0:1.3.2",
) -> Verdict:
    """A verdict of a release that two have signed, or nobody."""
    passed = not any(each.is_error for each in reasons)
    when = NOW - timedelta(hours=2)
    evidence = (
        EvidenceItem(kind="opa-bundle-signature", digest=_digest(f"{name}-jws"), signer="release", verified=signed),
        EvidenceItem(
            kind="https://slsa.dev/provenance/v1",
            digest=_digest(f"{name}-provenance"),
            signer="https://github.com/acme/policies/.github/workflows/release.yml@refs/tags/v1.4.0"
            if signed
            else None,
            verified=signed,
            time=when,
        ),
        EvidenceItem(
            kind="cyclonedx", digest=_digest(f"{name}-sbom"), signer="release" if signed else None, verified=signed
        ),
        EvidenceItem(
            kind="https://in-toto.io/attestation/vulns/v0.2", digest=_digest("scan"), signer=None, verified=False
        ),
    )
    return Verdict.of(
        (outcome_of(reasons),),
        levels=("SLSA_BUILD_LEVEL_3", "POLICY_VERIFIER_MONOTONIC"),
        subject=Subject(
            kind=kind,
            name=name,
            resource_uri=f"oci://registry.acme.example/policies/{name}:{version}",
            digest=_digest(f"{name}-{version}"),
            version=version,
            epoch=0,
        ),
        policy=PolicyReference(uri="https://acme.example/trust", digest=_digest("policy")),
        rule_digest=_digest("rule"),
        time_verified=NOW,
        correlation_id="2f6c1c1e-6f0e-4c0f-9c52-8f0ff3c0a1b7",
        evidence=evidence,
        inputs=tuple(Input(kind=each.kind, digest=each.digest) for each in evidence),
        ledger=LedgerTrace(
            url="sqlite:///var/lib/verify/ledger.db",
            scope=f"{kind}:{name}",
            before=before,
            after=f"0:{version}" if passed else before,
            recorded=passed,
        ),
        verifier_id="https://acme.example/verifier",
        verifier_version={"policy-verifier": "0.1.0"},
        duration_ms=184,
    )


def history(count: int = 9) -> tuple[Happened, ...]:
    """What a scope has been through."""
    return tuple(_events())[:count]


def _events() -> Iterator[Happened]:
    days = iter(range(0, 400, 11))
    for at, version in enumerate(_VERSIONS[:-1]):
        when = NOW - timedelta(days=90 - next(days))
        yield Happened(time=when, what="accepted", version=f"0:{version}", digest=_digest(f"authz-{version}"))
        if at == 2:
            yield Happened(time=when, what="floor", version="0:1.2.1", comment="1.2.0 lets guests read invoices")
        if at == 3:
            yield Happened(
                time=when + timedelta(hours=1), what="denied", version="0:1.2.0", codes=("version.rollback",)
            )
            yield Happened(
                time=when + timedelta(days=1), what="denied", version="0:1.3.1", codes=("signature.missing",)
            )
            yield Happened(
                time=when + timedelta(days=2), what="quarantine", version="0:1.3.1", comment="key of a leaver"
            )


def components(count: int = 60, *, newer: bool = True) -> tuple[Component, ...]:
    """What an SBOM lists."""
    return tuple(_component(at, newer=newer) for at in range(count) if newer or at % 17 != 3)


def _component(at: int, *, newer: bool) -> Component:
    name = _NAMES[at] if at < len(_NAMES) else f"{_NAMES[at % len(_NAMES)]}-extra-{at}"
    version = f"{at % 7}.{at % 13}.{at % 3 + (1 if newer and at % 11 == 4 else 0)}"
    licence = License(text=_LICENCES[at % len(_LICENCES)], form="id")
    purl = f"pkg:pypi/{name}@{version}"
    return Component(type="library", ecosystem="pypi", name=name, version=version, licenses=(licence,), purl=purl)


def accepted(size: int = 60) -> Dossier:
    """An accepted bundle, with everything that may be known beside it."""
    aging = Reason(
        code="freshness.no-signed-time", subject="bundle:authz", message="no signer states when it was signed"
    )
    return Dossier(
        verdicts=(verdict(reasons=(aging.as_warning(),)),),
        history=history(),
        components=components(size),
        components_before=components(size, newer=False),
    )


def denied() -> Dossier:
    """A bundle that is older than what was accepted, and signed by nobody that counts."""
    reasons = (
        Reason(
            code="version.rollback",
            subject="bundle:authz",
            message="the version is 1.2.0, which is below 1.3.2, the highest that was accepted",
        ),
        Reason(
            code="signature.threshold-not-met",
            subject="signer release",
            message="0 of 1 signer has signed: the key of kid ci is in no signer of the rule",
        ),
        Reason(code="freshness.no-signed-time", subject="bundle:authz", message="no signer that counts states a time"),
    )
    return Dossier(verdicts=(verdict("1.2.0", reasons=reasons, signed=False),), history=history())


def several() -> Dossier:
    """Four artifacts of one run."""
    unavailable = Reason(
        code="ledger.unavailable", subject="ledger", message="the ledger cannot be opened: no such file"
    )
    return Dossier(
        verdicts=(
            verdict(name="authz"),
            verdict("2.0.1", name="admission", before="0:2.0.0"),
            verdict("0.9.0", name="billing", reasons=denied().verdicts[0].reasons[:1], before="0:1.0.0"),
            verdict("3.1.0", name="gateway", kind="image", reasons=(unavailable,)),
        )
    )


def audit(packages: int = 80, findings: int = 14) -> AuditResult:
    """An audit that found something."""
    asked = [_package(at) for at in range(packages)]
    found = tuple(_finding(at, asked[at % len(asked)]) for at in range(findings))
    unknown = "the ecosystem has no records in the database"
    return AuditResult(
        targets=("uv.lock", "package-lock.json"),
        packages=tuple(
            AuditedPackage(
                package=each,
                status="unknown" if at % 29 == 5 else "audited",
                why=unknown if at % 29 == 5 else "",
                records=at % 3,
            )
            for at, each in enumerate(asked)
        ),
        findings=found,
        reasons=(),
        outcome="vulnerable" if findings else "clean",
        now=NOW,
        started=NOW,
        database=DatabaseInfo(
            digest=str(_digest("database")),
            data_date=NOW - timedelta(days=1),
            imported_at=NOW,
            ecosystems=(("PyPI", 19_204), ("npm", 214_822)),
            kev=NOW - timedelta(days=2),
            epss=NOW - timedelta(days=1),
        ),
        compared=True,
        gone=(("CVE-2026-11111", "pkg:pypi/flask@2.0.0"),),
        settings=_digest("settings"),
        verifier=("https://acme.example/verifier", "0.1.0"),
        correlation_id="9a1f5a4e-0c53-4c43-8a7c-8b0b1f6a52aa",
        duration_ms=912,
    )


def _package(at: int) -> Package:
    component = _component(at, newer=False)
    place = Place("uv.lock", 12 + at * 9)
    return Package(
        ecosystem="pypi", name=component.name, version=component.version, purl=component.purl, places=(place,)
    )


def _finding(at: int, package: Package) -> Finding:
    severity, score = _SEVERITIES[at % 5]
    return Finding(
        package=package,
        status="affected",
        ids=(f"CVE-2026-{10_000 + at}", f"GHSA-{at:04x}-mq26-g842"),
        summary="A crafted answer makes the parser allocate without bound, so that the process ends.",
        rating=Rating(severity=severity, score=score, vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
        fixed_in=("9.0.1",),
        minimal_fix="9.0.1" if at % 3 else None,
        kev=KevEntry(f"CVE-2026-{10_000 + at}", "2026-11-02", "2026-11-23", ransomware=False) if at == 0 else None,
        epss=EpssEntry(f"CVE-2026-{10_000 + at}", "0.0412", "0.91"),
        novelty="new" if at < 2 else "unchanged",
        counts=severity != "low",
    )
