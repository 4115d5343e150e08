"""`verify serve`: the bundle gateway for OPA, from a configuration file or, for one bundle, from options."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from verifier.cli import inputs, output, settings
from verifier.cli.judging import engines
from verifier.cli.options.demands.image import search_for_secrets
from verifier.cli.options.option import option
from verifier.cli.serve.beside import beside
from verifier.cli.serve.collecting import collect_as_a_service
from verifier.cli.serve.settings import OneBundle, loading
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.core.text.extras import how_to_install

if TYPE_CHECKING:
    from verifier.cli.serve.log import LogFormat
    from verifier.gateway.settings.settings import GatewaySettings
    from verifier.gateway.workers.crew import Crewing


MOST_WORKERS: Final = 64
"""Of `--workers`."""


def _serve(
    *,
    config: Path | None = option("--config", "Configuration (TOML).", default=None, metavar="FILE"),
    check: bool = option("--check", "Read everything that is configured, and exit.", default=False),
    log_format: Literal["auto", "text", "json"] = option(
        "--log-format", "The log: words, or JSON (auto: words at a terminal).", default="auto"
    ),
    agent_socket: Path | None = option(
        "--agent-socket", "Also answer hooks, at this socket (`verify agent`).", default=None, metavar="PATH"
    ),
    workers: int = option(
        "--workers",
        "Processes that clients connect to; one more judges for all of them (Linux).",
        default=1,
        metavar="N",
    ),
    one: OneBundle,
) -> int:
    """Serve verified bundles to OPA: what upstream has is verified, and what was good last is served."""
    load = loading(config, one)
    crewing = _crewing(workers, log_format)
    if check:
        from verifier.cli.serve.checked import checked  # noqa: PLC0415 - as others

        found = load()
        if crewing is not None:
            crewing.check(found)
        return checked(found)
    return _run(load, log_format, agent_socket, crewing)


serve = spread(_serve, ends=False)


def _run(
    load: Callable[[], GatewaySettings], log_format: LogFormat, agent: Path | None, crewing: Crewing | None
) -> int:
    from verifier.cli.serve.log import Log  # noqa: PLC0415

    try:
        from verifier.gateway.metrics import Metrics  # noqa: PLC0415
        from verifier.gateway.server import GatewayServer  # noqa: PLC0415
        from verifier.gateway.serving import Surroundings  # noqa: PLC0415
    except ImportError as error:
        message = f"the gateway needs {error.name or 'a package'}, which is not installed"
        raise ConfigurationError(message, where="serve", hint=how_to_install("gateway")) from error
    clock = partial(settings.now, None)
    log = Log(clock=clock, style=log_format)
    around = Surroundings(
        read_policy=inputs.policy_file,
        clock=clock,
        observe=log.event,
        metrics=Metrics(),
        judges=engines.judges,
        search=search_for_secrets,
    )
    log.take_over_warnings()
    collect_as_a_service()
    settings_now = load()
    server = GatewayServer(settings_now, around, load=load, crewing=crewing)
    with nullcontext() if agent is None else beside(settings_now, agent, log.event):
        server.run()
    # A thread may still wait for an upstream; what it would bring is fetched again by the next run.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(output.EXIT_ACCEPTED)


def _crewing(workers: int, log_format: LogFormat) -> Crewing | None:
    if not 1 <= workers <= MOST_WORKERS:
        message = f"is {workers}, expected a number from 1 to {MOST_WORKERS}"
        raise ConfigurationError(message, where="--workers", hint="Give as many as there are processors for clients.")
    if workers == 1:
        return None
    from verifier.cli.serve.worker import command  # noqa: PLC0415 - for who has them
    from verifier.gateway.workers.crew import Crewing  # noqa: PLC0415 - as above

    return Crewing(count=workers, command=command(log_format))
