"""Which agent is asked, and who may answer in its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from verifier.cli.options.option import Group, option, refuse_without
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value


class Asking(Group):
    """An agent, and who may answer in its name."""

    panel = "Agent"
    agent: Path | None = option(
        "--agent",
        "Ask the agent at this socket (`verify agent`); decide here without an answer.",
        default=None,
        metavar="SOCKET",
    )
    agent_required: bool = option("--agent-required", "Without the agent's answer, deny.", default=False)
    agent_user: tuple[str, ...] = option(
        "--agent-user",
        "Besides root and this user, who may answer: a name or number; repeatable.",
        default=(),
        metavar="USER",
    )

    def __post_init__(self) -> None:
        """Without an agent there is nobody to wait for, or to believe."""
        if self.agent is None:
            refuse_without("--agent", {"--agent-required": self.agent_required, "--agent-user": self.agent_user})
        if self.agent_user:
            self.trusted()

    def trusted(self) -> frozenset[int]:
        """The numbers of the users that were named; raises `ConfigurationError` for one that is not there."""
        from verifier.cli.asking.people import users  # noqa: PLC0415 - only where an agent is asked

        known = users(self.agent_user)
        if known is None:
            hint = "Give its number, as `id -u NAME` prints it where it is known."
            raise ConfigurationError("is no user of this system", where="--agent-user", hint=hint)
        return known


NOBODY = Asking()


class Others(Value):
    """What a command takes besides: groups of options, and options by their flags with what was given for each."""

    groups: tuple[Group, ...] = ()
    flags: Mapping[str, object] = {}
