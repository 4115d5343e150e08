"""Whom to believe about an SBOM, and who has signed it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.cli.documents import documents
from verifier.cli.options.option import Group, option, refuse_without
from verifier.cli.options.trust import Trust
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, refuse

if TYPE_CHECKING:
    from verifier.engine.sboms.signed import Signature
    from verifier.evidence.contents import Contents


class SbomAttestations(Group):
    """What holds the document, signed, and under which name a policy has a rule for the artifact."""

    panel = "Whom to believe"
    name: str | None = option("--name", "The artifact's name in the policy (default: the file's).", default=None)
    attestation: tuple[str, ...] = option(
        "--attestation",
        "An attestation that holds the SBOM: a file, folder or URL; repeatable.",
        default=(),
        metavar="FILE",
    )


_KINDS = {"bundle": "bundle", "image": "image"}


def signature(
    document: Document, trust: Trust, artifact: SbomAttestations, now: datetime, *, against: str | None
) -> Callable[[Contents], Signature] | None:
    """What judges the document's signature, None where nobody is named to believe."""
    believes = trust.policy is not None or bool(trust.key) or bool(trust.cert_identity or trust.cert_identity_regexp)
    if not believes:
        refuse_without("--key", {"--attestation": artifact.attestation, "--name": artifact.name})
        return None
    if against is None:
        message = "an SBOM is signed for an artifact, and none is named"
        raise ConfigurationError(message, where="--key", hint="Give --against TARGET.")
    policy = trust.believed()
    attestations = documents(artifact.attestation)

    def judged(contents: Contents) -> Signature:
        from verifier.engine.sboms.signed import SignedBy, signature_of  # noqa: PLC0415 - only where it is asked
        from verifier.trust.evaluate import rule_for, sbom_of, signers_for  # noqa: PLC0415 - as above
        from verifier.trust.sections.signatures import SignatureRule  # noqa: PLC0415 - as above

        kind, name = _KINDS.get(contents.kind, "artifact"), artifact.name or contents.name
        rule = rule_for(policy, kind, name)
        if rule is None:
            raise refuse("trust.no-policy", f"{kind}:{name}", "no rule of the policy is for it", "Give its --name.")
        section = sbom_of(rule)
        named = (section.from_ if section is not None else ()) or SignatureRule.of(rule).from_
        signers = policy.with_revoked(named) if section is not None and section.from_ else signers_for(policy, rule)
        asked = SignedBy(policy=policy, signers=signers, attestations=attestations, contents=contents, now=now)
        return signature_of(document, asked)

    return judged
