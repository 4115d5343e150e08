"""A trust policy that is proposed from what somebody looked at: it loads, and believes nobody who was not confirmed.

* what was found in the artifact is proposed, with what has to be confirmed elsewhere beside it
* until then every signer is revoked, and everything is denied
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.core.value import Value, field
from verifier.inspecting.inspected import Inspected
from verifier.inspecting.proposing.rule import Demand, proposed_rule
from verifier.inspecting.proposing.signers import Known, Proposed, proposed_signers
from verifier.trust.template import quote


class Proposal(Value):
    """The policy's text, the keys to be written beside it, the rule's pattern, who is unconfirmed, and what is lacking
    in the artifact."""

    text: str
    pattern: str
    keys: Mapping[str, bytes] = field(repr=False)
    unconfirmed: tuple[str, ...]
    lacks: tuple[str, ...]


def propose(seen: Inspected, known: Known, *, policy_id: str, artifact: str | None) -> Proposal:
    """The proposal; raises `ConfigurationError` where nobody could be believed, or nothing be named."""
    signers = proposed_signers(seen, known)
    demand = proposed_rule(seen, signers, artifact=artifact)
    return Proposal(
        text=_text(signers, demand, policy_id),
        pattern=demand.pattern,
        keys=dict(each.key for each in signers if each.key is not None),
        unconfirmed=tuple(each.name for each in signers if not each.confirmed),
        lacks=demand.lacks,
    )


def _text(signers: tuple[Proposed, ...], demand: Demand, policy_id: str) -> str:
    parts = [
        "# Trust policy, proposed from what an artifact says of itself: read every line before it counts.\n"
        "# Explained in docs/trust-policy.md; `verify trust check FILE` puts it into words.\n"
        f"version = 1\nid = {quote(policy_id)}\n"
    ]
    parts += ["\n".join((f"[signers.{quote(each.name)}]", *each.lines)) + "\n" for each in signers]
    rule = [*(f"# It has {each}." for each in demand.lacks), f"[artifacts.{quote(demand.pattern)}]", *demand.lines]
    parts.append("\n".join(rule) + "\n")
    return "\n".join((*parts, *demand.tables))
