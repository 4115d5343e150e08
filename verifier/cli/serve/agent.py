"""An agent as a command runs it: who may ask, where it listens, and the signals that it goes by."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, settings
from verifier.cli.asking.ledgers import variables_of_server
from verifier.cli.asking.people import users
from verifier.cli.judging import engines
from verifier.cli.options.option import Group, option
from verifier.cli.serve.sockets import listening
from verifier.core.errors import ConfigurationError
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.table import REPORTS, SHOW_MORE, Screen, renderer

if TYPE_CHECKING:
    from verifier.agent.server import AgentServer
    from verifier.gateway.events import Observe


class Staying(Group):
    """Where an agent listens, and to whom."""

    panel = "Who may ask"
    socket: Path | None = option(
        "--socket", "Listen there (default: at the socket that systemd hands over).", default=None, metavar="PATH"
    )
    user: tuple[str, ...] = option(
        "--user", "Besides root and the agent's own, who may ask: a name or number; repeatable.", default=()
    )
    group: str | None = option("--group", "A group whose members may ask, and may use the socket.", default=None)

    def users(self) -> frozenset[int]:
        """Their numbers; raises `ConfigurationError` for one that is not there."""
        known = users(self.user)
        if known is None:
            raise ConfigurationError("is no user of this system", where="--user", hint="Give its number.")
        return known

    def group_number(self) -> int | None:
        """Its number; raises `ConfigurationError` for one that is not there."""
        if self.group is None or (self.group.isdigit() and self.group.isascii()):
            return None if self.group is None else int(self.group)
        import grp  # noqa: PLC0415 - only where a name is given

        try:
            return grp.getgrnam(self.group).gr_gid
        except KeyError:
            raise ConfigurationError("is no group of this system", where="--group", hint="Give its number.") from None


def made(policy: Path, ledger: str, cache: Path | None, staying: Staying, observe: Observe) -> AgentServer:
    """The agent, which listens already; raises `ConfigurationError` where it cannot be."""
    from verifier.agent.judge import Judge  # noqa: PLC0415 - for who stays
    from verifier.agent.server import AgentServer  # noqa: PLC0415 - as above
    from verifier.agent.settings import AgentSettings, AgentSurroundings  # noqa: PLC0415 - as above
    from verifier.rego.built_in import BuiltInEngine  # noqa: PLC0415 - as above

    asked = AgentSettings(
        socket=staying.socket,
        policy=policy,
        ledger=ledger,
        ledger_beside=variables_of_server(dict(os.environ)),
        cache=cache,
        users=staying.users(),
        group=staying.group_number(),
    )
    around = AgentSurroundings(
        read_policy=inputs.policy_file,
        clock=partial(settings.now, None),
        observe=observe,
        render=_report,
        styles=frozenset(REPORTS) - SHOW_MORE,
        rego=BuiltInEngine(folder=settings.default_compiled_folder(), tell=_not_kept(observe)),
        judges=engines.judges,
        new_id=partial(settings.correlation_id, None),
    )
    judge = Judge(asked, around)
    try:
        return AgentServer(asked, around, listening(asked.socket, asked.group), judge)
    except ConfigurationError:
        judge.close()
        raise


@contextmanager
def endings(server: AgentServer) -> Iterator[None]:
    """The signals that a service is told by: SIGTERM and SIGINT stop it, SIGHUP has it read everything anew."""
    before, stop = {}, server.stop
    for number, handler in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, server.reload_soon)):
        before[number] = signal.signal(number, lambda _, __, do=handler: do())  # type: ignore[misc]
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _not_kept(observe: Observe) -> Callable[[str], None]:
    """Where it is said that what the Rego compiler finds is not kept for the next process."""
    from verifier.gateway.events import Event  # noqa: PLC0415 - for who stays

    return lambda why: observe(Event(name="agent.compiled-not-kept", level="warning", facts={"message": why}))


def _report(decision: Verdict, reference: str, style: str, shown: Screen) -> str:
    return renderer(style)(Dossier(verdicts=(decision,), references=(reference,)), shown)
