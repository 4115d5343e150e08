"""`verify agent`: a verifier that stays, for the commands of one machine."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from verifier.cli import output, settings
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.option import option
from verifier.cli.serve.agent import Staying, endings, made
from verifier.cli.serve.collecting import collect_as_a_service
from verifier.cli.spread import spread

if TYPE_CHECKING:
    from verifier.cli.serve.log import LogFormat


def _agent(
    *,
    policy: Path = option("--policy", "Trust policy (TOML), the one that who asks names.", metavar="FILE"),
    cache: Path | None = option(
        "--cache", "Remember there what was found and accepted; made where missing.", default=None, metavar="DIR"
    ),
    log_format: Literal["auto", "text", "json"] = option(
        "--log-format", "The log: words, or JSON (auto: words at a terminal).", default="auto"
    ),
    staying: Staying,
    ledger: LedgerPlace,
) -> int:
    """Stay, and decide for `preload`, `bundle` and `artifact`, by a policy and a ledger that it watches."""
    _run(policy, ledger.url(), cache, staying, log_format)
    return output.EXIT_ACCEPTED


agent = spread(_agent, ends=False)


def _run(policy: Path, ledger: str, cache: Path | None, staying: Staying, log_format: LogFormat) -> None:
    from verifier.cli.serve.log import Log  # noqa: PLC0415 - as the server

    log = Log(clock=partial(settings.now, None), style=log_format)
    collect_as_a_service()
    server = made(policy, ledger, cache, staying, log.event)
    with endings(server):
        server.run()
    # A thread may still wait for a ledger; whoever asked has been let go.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(output.EXIT_ACCEPTED)
