"""`verify verdict`: check a verdict (VSA) that somebody else made."""

from __future__ import annotations

import time

from verifier.cli import settings
from verifier.cli.documents import document_at
from verifier.cli.options.answer import Answer, timed
from verifier.cli.options.demands.about import About, rule_that_applies, scope_of
from verifier.cli.options.demands.verdict import VerdictDemands
from verifier.cli.options.ledger import Compared
from verifier.cli.options.named import require_no_login
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.options.trust import Trust
from verifier.cli.spread import spread
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.formats.verdict.dossier import Dossier


@spread
def verdict(
    *,
    file: str = argument(
        "FILE",
        "The verdict, a path or an https:// URL: a DSSE envelope, a Sigstore bundle, or a file of several documents.",
    ),
    resource_uri: str = option("--resource-uri", "Where the artifact is fetched from."),
    about: About,
    trust: Trust,
    demands: VerdictDemands,
    ledger: Compared,
    answer: Answer,
) -> int:
    """Check a verdict (VSA). Who signed it, for which artifact and resource, with what result, until when?"""
    from verifier.engine.by_verdict import VerdictRequest, verify_verdict  # noqa: PLC0415

    started = time.perf_counter()
    require_no_login(resource_uri)
    moment = answer.moment()
    reports = answer.places(outputs(about, trust, demands, ledger, answer, file=file))
    if (trust.key or trust.cert_identity or trust.cert_identity_regexp) and not demands.verifier_id:
        raise ConfigurationError("without a policy, say whose verdicts the signer may sign", where="--verifier-id")
    policy = trust.believed(demands)
    accepted, reference = demands.policies(), about.called(resource_uri, policy)
    content = about.content()
    identity, version = settings.verifier_identity(None)
    with ledger.consulted() as store:
        judged = verify_verdict(
            VerdictRequest(
                document=document_at(file),
                digest=Digest.of(content) if isinstance(content, bytes) else content,
                content=content if isinstance(content, bytes) else None,
                resource_uri=resource_uri,
                policy=policy,
                levels=demands.level,
                kind=about.kind,
                name=about.name or "",
                scope=about.scope or scope_of(reference, policy),
                rule_digest=None if accepted or trust.policy is None else rule_that_applies(reference, policy),
                policy_digests=accepted,
                max_age=demands.oldest(),
                ledger=store,
                now=moment,
                correlation_id=answer.correlation(),
                verifier_id=identity,
                verifier_version=version,
            )
        )
    return answer.report(Dossier(verdicts=(timed(judged, started),), references=(shown(file),)), reports)
