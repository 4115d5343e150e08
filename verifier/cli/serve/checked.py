"""`verify serve --check`: what the gateway would do with each bundle and image that is configured.

* everything that can be read without asking an upstream is read: policy, keys, certificates, credentials, ledger
* there is a row for each bundle and each repository, and each that would not be served says why
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.cli import inputs, output
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.text.shown import shown
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.gateway.settings.settings import BundleSettings, GatewaySettings
    from verifier.trust.model import TrustPolicy

_Row = tuple[str, ConfigurationError | None]


def checked(found: GatewaySettings) -> int:
    """Say it, and return the exit status: that of the first thing that is wrong."""
    from verifier.gateway.tls import server_context  # noqa: PLC0415
    from verifier.ledger.open import open_ledger_url  # noqa: PLC0415

    policy = inputs.policy_file(found.policy)
    if found.tls is not None:
        server_context(found.tls)
    status = output.EXIT_ACCEPTED
    for row, error in (*_bundles(found, policy), *_images(found, policy)):
        output.line(f"{row}  {'configured' if error is None else 'never accepted'}")
        if error is not None:
            status = output.configuration_error(error)
    try:
        with open_ledger_url(found.ledger, read_only=True) as ledger:
            output.line(f"with the ledger {ledger.url}")
    except Refused as refusal:
        unusable = output.refusal(refusal)
        status = status or unusable
    output.line(f"would listen on {found.listen}")
    return status


def _bundles(found: GatewaySettings, policy: TrustPolicy) -> Iterator[_Row]:
    for bundle in found.bundles:
        where = f"bundles.{bundle.name}"
        row = f"{bundle.path}  bundle:{bundle.name}  from {printable(shown(bundle.upstream))}"
        yield row, _unopened(bundle, policy) or _without_rule(found, policy, f"bundle:{bundle.name}", where)


def _images(found: GatewaySettings, policy: TrustPolicy) -> Iterator[_Row]:
    from verifier.gateway.settings.settings import VALIDATE  # noqa: PLC0415

    for pattern, name in found.images.repositories.names if found.images is not None else ():
        # What a star will stand for is not known: whether there is a rule is said when it is asked about.
        lacks = None if "*" in name else _without_rule(found, policy, f"image:{name}", "images.repositories")
        yield f"{VALIDATE}  image:{name}  for {pattern}", lacks


def _unopened(bundle: BundleSettings, policy: TrustPolicy) -> ConfigurationError | None:
    from verifier.sources.upstream import open_upstream  # noqa: PLC0415

    try:
        open_upstream(bundle.upstream, access=bundle.access, limits=policy.limits).close()
    except ConfigurationError as error:
        return error
    return None


def _without_rule(found: GatewaySettings, policy: TrustPolicy, artifact: str, where: str) -> ConfigurationError | None:
    """What is under no rule would never be accepted."""
    from verifier.trust.evaluate import rule_for  # noqa: PLC0415

    kind, _, name = artifact.partition(":")
    if rule_for(policy, kind, name) is not None:
        return None
    message = f"no rule of {found.policy} is for {artifact}: it would never be accepted"
    hint = f'Add [artifacts."{artifact}"] to the policy, or use a name that has a rule.'
    return ConfigurationError(message, where=where, hint=hint)
