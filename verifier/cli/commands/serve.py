"""`verify serve`: the bundle gateway for OPA, from a configuration file or, for one bundle, from options."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli import inputs, output, settings
from verifier.cli.serve.settings import loading
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.gateway.settings.settings import GatewaySettings

_ALLOCATIONS = 20_000
"""Objects made before Python looks for cycles: this run is a long one, unlike others (`main`)."""
_ONE = "One bundle, without a configuration file"


def serve(
    config: Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration (TOML).")] = None,
    check: Annotated[bool, typer.Option("--check", help="Read everything that is configured, and exit.")] = False,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="Where clients connect to.", rich_help_panel=_ONE),
    ] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="Trust policy (TOML).", rich_help_panel=_ONE)] = None,
    ledger: Annotated[str | None, typer.Option("--ledger", help="Ledger (a URL).", rich_help_panel=_ONE)] = None,
    upstream: Annotated[
        str | None,
        typer.Option("--upstream", metavar="REF", help="https://…, oci://… or a path.", rich_help_panel=_ONE),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the bundle.", rich_help_panel=_ONE)] = None,
    verdict: Annotated[
        str | None,
        typer.Option(
            "--verdict", metavar="REF", help="Its verdict (VSA); else it is verified in full.", rich_help_panel=_ONE
        ),
    ] = None,
) -> int:
    """Serve verified bundles to OPA: what upstream has is verified, and what was good last is served."""
    options = {"listen": listen, "policy": policy, "ledger": ledger, "upstream": upstream, "name": name}
    load = loading(config, options | {"verdict": verdict})
    if check:
        return _checked(load())
    return _run(load)


def _run(load: Callable[[], GatewaySettings]) -> int:
    from verifier.cli.serve.log import Log  # noqa: PLC0415

    try:
        from verifier.gateway.metrics import Metrics  # noqa: PLC0415
        from verifier.gateway.server import GatewayServer  # noqa: PLC0415
        from verifier.gateway.serving import Surroundings  # noqa: PLC0415
    except ImportError as error:
        hint = "install policy-verifier[gateway]"
        raise ConfigurationError(f"the gateway needs a package: {error}", where="serve", hint=hint) from error
    clock = partial(settings.now, None)
    log = Log(clock=clock)
    around = Surroundings(read_policy=inputs.policy_file, clock=clock, observe=log.event, metrics=Metrics())
    log.take_over_warnings()
    gc.set_threshold(_ALLOCATIONS)
    GatewayServer(load(), around, load=load).run()
    # A thread may still wait for an upstream; what it would bring is fetched again by the next run.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(output.EXIT_ACCEPTED)


def _checked(found: GatewaySettings) -> int:
    """Everything that can be read without a connection."""
    from verifier.gateway.tls import server_context  # noqa: PLC0415
    from verifier.sources.upstream import open_upstream  # noqa: PLC0415

    policy = inputs.policy_file(found.policy)
    if found.tls is not None:
        server_context(found.tls)
    for bundle in found.bundles:
        upstream = open_upstream(bundle.upstream, access=bundle.access, limits=policy.limits)
        output.line(f"{bundle.path}  bundle:{bundle.name}  from {upstream.reference}")
        upstream.close()
    output.line(f"would listen on {found.listen}")
    return output.EXIT_ACCEPTED
