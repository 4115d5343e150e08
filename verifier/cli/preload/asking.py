"""A hook's agent, where the line is not plain (`cli.judging.by_agent`)."""

from __future__ import annotations

from verifier.agent.wire import BY_VERDICT
from verifier.cli import inputs
from verifier.cli.judging import by_agent
from verifier.cli.judging.agent import Asking
from verifier.cli.judging.kept_back import TAKEN, kept_back
from verifier.cli.options.answer import Answer
from verifier.cli.options.ledger import Advancing
from verifier.cli.options.named import Named
from verifier.cli.preload.handing_on import answer_beside
from verifier.cli.preload.hook import Hook

_TAKEN = TAKEN | {"artifact", "words", "verdict", "level", "out", "program"}


def asked(asking: Asking, hook: Hook, named: Named, ledger: Advancing, answer: Answer) -> by_agent.Answered | None:
    """The agent's answer; None where the hook decides for itself."""
    question = by_agent.Question(
        by=BY_VERDICT,
        kind="bundle",
        artifact=str(hook.artifact),
        documents=(str(hook.verdict),),
        policy=str(hook.policy),
        name=named.name or inputs.name_of(str(hook.artifact)),
        resource_uri=named.resource_uri or "",
        ledger=ledger.ledger,
        record=ledger.record,
        answer=answer,
        levels=hook.level,
    )
    with answer_beside(hook.program):
        return by_agent.asked(asking, question, kept_back((hook, named, ledger, answer), _TAKEN, answer))
