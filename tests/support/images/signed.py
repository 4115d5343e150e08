"""An image's manifest in a place, a rule about it, and what is made of what lies beside it."""

from __future__ import annotations

import json

from tests.support.images.place import MemoryPlace, descriptor_of
from tests.support.material import NOW, envelope, signer
from verifier.checks import signatures
from verifier.core.artifact import Artifact
from verifier.core.outcome import reasons_of
from verifier.core.uris import COSIGN_SIGN, STATEMENT_V1
from verifier.engine.evidence import gather
from verifier.evidence.inspection import Inspection
from verifier.kinds.table import kind_of
from verifier.sources.beside import beside
from verifier.trust.evaluate import rule_for
from verifier.trust.model import TrustPolicy

__all__ = ["artifact_of", "cosign_statement", "descriptor_of", "errors", "judged", "signed_statement", "trusting"]

FILE = kind_of("artifact")


def trusting(*signers, parse=None, **rule) -> TrustPolicy:
    """A policy that listens to keys by their names, or to these signers, about `image:app`."""
    from tests.support.rules import artifact_rule  # noqa: PLC0415 - as below
    from tests.support.stories import policy  # noqa: PLC0415 - it makes keys
    from verifier.core.value import replace  # noqa: PLC0415 - as above
    from verifier.trust.sections.signatures import SignatureRule  # noqa: PLC0415 - as above
    from verifier.trust.sections.version import VersionUnchecked  # noqa: PLC0415 - as above

    known = tuple(signer(each) if isinstance(each, str) else each for each in signers)
    order = rule.pop("version", VersionUnchecked())
    others = {each: rule.pop(each) for each in ("provenance", "builders", "verifiers", "sigstore") if each in rule}
    others.setdefault("verifiers", ())
    wanted = SignatureRule(**({"threshold": 1, "from_": tuple(each.name for each in known)} | rule))
    sections = {"provenance": others.pop("provenance")} if "provenance" in others else {}
    return replace(
        policy(signers=known),
        artifacts=(artifact_rule("image:app", wanted, order, **sections),),
        **others,
    )


def cosign_statement(digest, *, claims=None, kind=COSIGN_SIGN, statement=STATEMENT_V1, subjects=None, **predicate):
    """The statement that cosign signs about a manifest."""
    subject = {"digest": {digest.algorithm: digest.value}} | ({"annotations": claims} if claims else {})
    return json.dumps(
        {
            "_type": statement,
            "subject": [subject] if subjects is None else subjects,
            "predicateType": kind,
            "predicate": predicate,
        }
    ).encode()


def signed_statement(key, digest, **said):
    """Its envelope, signed by a key."""
    return envelope(cosign_statement(digest, **said), key)


def artifact_of(place: MemoryPlace, **changes) -> Artifact:
    """The manifest of a place as an artifact."""
    said = {
        "kind": "image",
        "name": "app",
        "resource_uri": place.uri,
        "digest": place.digest,
        "content": place.content,
        "repository": place.repository,
    }
    return Artifact(**(said | changes))


def judged(place: MemoryPlace, policy: TrustPolicy, *, documents=(), artifact=None, now=NOW) -> Inspection:
    """What is gathered beside the image of a place."""
    rule = rule_for(policy, "image", "app")
    artifact = artifact or artifact_of(place)
    evidence, items = gather(
        FILE,
        artifact,
        documents,
        rule=rule,
        policy=policy,
        now=now,
        beside=lambda format_: beside(place, place.digest, format_),
    )
    assert len(items) == len(set(items))
    return Inspection(artifact=artifact, rule=rule, evidence=evidence, now=now)


def said(inspection: Inspection):
    """Every reason of the check of signatures."""
    return reasons_of(signatures.check(inspection))


def errors(inspection: Inspection) -> list[str]:
    """The codes of what denies; nothing where enough have signed."""
    return [reason.code for reason in said(inspection) if reason.is_error]


def warned(inspection: Inspection) -> list[str]:
    return [reason.code for reason in said(inspection) if not reason.is_error]
