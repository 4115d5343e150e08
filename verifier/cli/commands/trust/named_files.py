"""What a policy names besides keys: the organisation's rules, files of licences and of exceptions.

They are read here once, so that what is wrong with them is said by `verify trust check`, before they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from verifier.cli import inputs, output, settings
from verifier.reports.escape import printable
from verifier.trust.model import TrustPolicy


def require_licenses(policy: TrustPolicy) -> None:
    """Read the files of licences that SBOMs are held against."""
    from verifier.trust.evaluate import sbom_of  # noqa: PLC0415

    for section in filter(None, map(sbom_of, policy.artifacts)):
        if section.allowed is not None:
            from verifier.sbom.licenses.rules import read_license_rules  # noqa: PLC0415 - few policies name one

            read_license_rules(section.allowed, where=section.licenses or "")


def require_exceptions(policy: TrustPolicy, now: datetime) -> None:
    """Read the files of exceptions from known vulnerabilities; raises `ConfigurationError` at FILE:LINE."""
    from verifier.trust.evaluate import vulnerabilities_of  # noqa: PLC0415

    for section in filter(None, map(vulnerabilities_of, policy.artifacts)):
        if section.excused is not None:
            from verifier.engine.vulnerabilities.exceptions import exceptions_of  # noqa: PLC0415 - few policies name one

            exceptions_of(section, now)


def unread_rules(policy: TrustPolicy) -> Iterator[str]:
    """Read the organisation's rules as they would be judged by here; yields what is wrong with them."""
    from verifier.trust.evaluate import organisation_for, organisation_section  # noqa: PLC0415

    ruled = [(rule, section) for rule in policy.artifacts if (section := organisation_section(rule)) is not None]
    if not ruled:
        return
    from verifier.rego.organisation.review import review  # noqa: PLC0415

    opa = settings.opa_rules()
    for rule, section in ruled:
        modules = organisation_for(policy, rule)
        reviewed = review(modules, engine=section.engine, series=section.opa_version, opa=opa)
        if reviewed.judge:
            output.line(
                printable(f"{rule.pattern}: {reviewed.judge} has read the rules in {', '.join(section.paths)}.")
            )
        else:
            yield f'artifacts."{rule.pattern}": rules {reviewed.problem}'


def said(file: Path, moment: datetime) -> bool:
    """Say what a policy says; whether anything in it is weak."""
    from verifier.trust.weaknesses import weaknesses  # noqa: PLC0415
    from verifier.trust.words import explain_policy  # noqa: PLC0415

    policy = inputs.policy_file(file)
    if policy.sigstore.document is not None:
        from verifier.signatures.sigstore.root import roots_of  # noqa: PLC0415 - few policies have roots of their own

        roots_of(policy.sigstore)  # what cannot be read is said here, and not when it is first needed
    require_licenses(policy)
    require_exceptions(policy, moment)
    for sentence in explain_policy(policy):
        output.paragraph(printable(sentence))
    found = [*weaknesses(policy, moment), *unread_rules(policy)]
    for weakness in found:
        output.paragraph(f"warning: {printable(str(weakness))}")
    return bool(found)
