"""`verify serve`: the bundle gateway for OPA, from a configuration file or, for one bundle, from options."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output, settings
from verifier.cli.judging import engines
from verifier.cli.options.demands.image import search_for_secrets
from verifier.cli.options.option import option
from verifier.cli.serve.settings import OneBundle, loading
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown

if TYPE_CHECKING:
    from verifier.gateway.settings.settings import GatewaySettings
    from verifier.trust.model import TrustPolicy

_ALLOCATIONS = 20_000
"""Objects made before Python looks for cycles: this run is a long one, unlike others (`main`)."""


def _serve(
    *,
    config: Path | None = option("--config", "Configuration (TOML).", default=None, metavar="FILE"),
    check: bool = option("--check", "Read everything that is configured, and exit.", default=False),
    one: OneBundle,
) -> int:
    """Serve verified bundles to OPA: what upstream has is verified, and what was good last is served."""
    load = loading(config, one)
    if check:
        return _checked(load())
    return _run(load)


serve = spread(_serve, ends=False)


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
    around = Surroundings(
        read_policy=inputs.policy_file,
        clock=clock,
        observe=log.event,
        metrics=Metrics(),
        judges=engines.judges,
        search=search_for_secrets,
    )
    log.take_over_warnings()
    gc.set_threshold(_ALLOCATIONS)
    GatewayServer(load(), around, load=load).run()
    # A thread may still wait for an upstream; what it would bring is fetched again by the next run.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(output.EXIT_ACCEPTED)


def _checked(found: GatewaySettings) -> int:
    """Everything that can be read without asking an upstream; raises `Refused` for a ledger that cannot be opened."""
    from verifier.gateway.settings.settings import VALIDATE  # noqa: PLC0415
    from verifier.gateway.tls import server_context  # noqa: PLC0415
    from verifier.ledger.open import open_ledger_url  # noqa: PLC0415
    from verifier.sources.upstream import open_upstream  # noqa: PLC0415

    policy = inputs.policy_file(found.policy)
    if found.tls is not None:
        server_context(found.tls)
    for bundle in found.bundles:
        upstream = open_upstream(bundle.upstream, access=bundle.access, limits=policy.limits)
        output.line(f"{bundle.path}  bundle:{bundle.name}  from {shown(upstream.reference)}")
        upstream.close()
    for pattern, name in found.images.repositories.names if found.images is not None else ():
        output.line(f"{VALIDATE}  image:{name}  for {pattern}")
    _require_rules(found, policy)
    with open_ledger_url(found.ledger, read_only=True) as ledger:
        output.line(f"with the ledger {ledger.url}")
    output.line(f"would listen on {found.listen}")
    return output.EXIT_ACCEPTED


def _require_rules(found: GatewaySettings, policy: TrustPolicy) -> None:
    """A bundle under no rule would never be served, and an image never be accepted."""
    from verifier.trust.evaluate import rule_for  # noqa: PLC0415

    asked = [("bundle", bundle.name, f"bundles.{bundle.name}", "served") for bundle in found.bundles]
    names = found.images.repositories.names if found.images is not None else ()
    # What a star will stand for is not known: whether there is a rule is said when it is asked about.
    fixed = (name for _, name in names if "*" not in name)
    for kind, name, where, becomes in (*asked, *(("image", name, "images.repositories", "accepted") for name in fixed)):
        if rule_for(policy, kind, name) is None:
            message = f"no rule of {found.policy} is for {kind}:{name}: it would never be {becomes}"
            hint = f'Add [artifacts."{kind}:{name}"] to the policy, or use a name that has a rule.'
            raise ConfigurationError(message, where=where, hint=hint)
