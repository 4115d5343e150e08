"""What may be said of an artifact of any kind, and the policy that all of it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.cli import references
from verifier.cli.options.answer import Answer
from verifier.cli.options.demands.advisories import GivenRecords
from verifier.cli.options.demands.versions import VersionDemands
from verifier.cli.options.ledger import Published, Recording
from verifier.cli.options.named import Attested
from verifier.cli.options.option import Group
from verifier.cli.options.sboms import Sboms
from verifier.cli.options.trust import Demand, Trust
from verifier.cli.options.verdict_out import VerdictOut
from verifier.trust.model import TrustPolicy


class Judging(Group):
    """What may be said of an artifact of any kind, besides whom to believe and what to demand of its kind."""

    versions: VersionDemands
    artifact: Attested
    sboms: Sboms
    records: GivenRecords
    ledger: Recording
    published: Published
    verdict_out: VerdictOut
    answer: Answer


def believed(
    kind: str,
    typed: Sequence[str],
    trust: Trust,
    asked: Judging,
    demands: Sequence[Demand],
    *,
    counted: tuple[str, ...],
    refresh: bool,
) -> TrustPolicy:
    """The policy that is judged by: the file, or what flags say."""
    demands = demands if trust.policy is not None else (*demands, asked.sboms, asked.records, _said_by_flags(asked))
    if kind == "artifact":
        for each in typed:
            references.require_recordable(each, _written_down(asked))
    return trust.believed(asked.versions, *demands, counted=counted, refresh=refresh)


def _written_down(asked: Judging) -> dict[str, bool]:
    """What of this run others may know the artifact by, by its flag."""
    return {"--record": asked.ledger.record, "--verdict-out": asked.verdict_out.verdict_out is not None}


def _said_by_flags(asked: Judging) -> Demand:
    """What flags have to say."""
    asked.ledger.require_name(asked.artifact.name)
    asked.published.require_order(asked.versions.version_from)
    return asked.artifact
