"""Reason codes of who asks an agent, and of an agent that does not answer."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided

AGENT: tuple[ReasonCode, ...] = (
    undecided(
        "agent.unreachable",
        "no agent answers",
        cause="Nobody listens at the socket, may be reached there, or has answered in time.",
        remedy="See that `verify agent` runs (`systemctl status verify-agent`) and that this user may use its socket.",
        threat="T-221",
    ),
    undecided(
        "agent.untrusted",
        "somebody else answers in the agent's place",
        cause="Whoever listens at the socket is neither root, nor this user, nor one that was named.",
        remedy="Find out who put the socket there; where it is meant, name its user with --agent-user.",
        threat="T-221",
    ),
    undecided(
        "agent.protocol",
        "who asks and the agent do not understand each other",
        cause="A question or an answer has another form: another release, another program, or somebody who tries.",
        remedy="Run the same release on both sides: restart the agent after an update.",
        threat="T-221",
    ),
    undecided(
        "agent.busy",
        "the agent has no room for the question",
        cause="As many connections are open, or as many bytes are judged, as it lets be at once.",
        remedy="Ask again; where it happens often, find out who asks so much (the agent's log names users).",
        threat="T-213",
    ),
    undecided(
        "agent.forbidden",
        "the agent does not answer this user",
        cause="Neither the user nor a group of the process that asks is one that the agent was told of.",
        remedy="Start the agent with --user or --group for whoever may ask.",
        threat="T-221",
    ),
    undecided(
        "agent.elsewhere",
        "the agent judges by another policy, or asks another ledger",
        cause="Another file is named, or the same one in another place, than the agent was started with; or there is "
        "no ledger here; or it is asked for what an agent does not do.",
        remedy="Name the same policy and ledger on both sides, by the files that the agent has.",
        threat="T-221",
    ),
    undecided(
        "agent.unusable",
        "the agent cannot judge now",
        cause="Its policy or a file that it names cannot be read any more, or its answer would be too long.",
        remedy="See what the agent's log says; `verify trust check` names what is wrong with a policy.",
        threat="T-212",
    ),
)
