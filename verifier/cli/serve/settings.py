"""Where `verify serve` has its settings from: a file, or the options for one bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from verifier.cli import stores
from verifier.cli.network import network
from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.core.value import field_names

if TYPE_CHECKING:
    from verifier.gateway.settings.settings import GatewaySettings
    from verifier.net.network import Network

T = TypeVar("T")
_NEEDED = ("policy", "upstream", "name")


class OneBundle(Group):
    """What a configuration file says, for who has one bundle and no file."""

    panel = "One bundle, without --config"
    listen: str | None = option("--listen", "Where clients connect to.", default=None, metavar="HOST:PORT")
    policy: str | None = option("--policy", "Trust policy (TOML).", default=None)
    ledger: str | None = option("--ledger", "Ledger, a URL (default: a per-user file).", default=None)
    upstream: str | None = option("--upstream", "https://…, oci://… or a path.", default=None, metavar="REF")
    name: str | None = option("--name", "Name of the bundle.", default=None)
    verdict: str | None = option(
        "--verdict", "Its verdict (VSA); else it is verified in full.", default=None, metavar="REF"
    )


def loading(config: Path | None, one: OneBundle) -> Callable[[], GatewaySettings]:
    """What reads the settings, now and at every reload, from a file or from the options of one bundle."""
    if config is None:
        for needed in _NEEDED:
            if getattr(one, needed) is None:
                hint = "Give --config, or for one bundle --policy, --upstream and --name."
                raise ConfigurationError("is missing", where=f"--{needed}", hint=hint)
        between = network()
        return lambda: _of_options(one, between)
    given = [name for name in field_names(OneBundle) if getattr(one, name) is not None]
    if given:
        raise ConfigurationError("cannot stand beside --config, which says everything", where=f"--{given[0]}")
    between = network()
    return lambda: _of_file(config, between)


def _of_file(path: Path, between: Network) -> GatewaySettings:
    from verifier.gateway.settings.configuration import load_settings  # noqa: PLC0415

    return load_settings(path, network=between)


def _of_options(one: OneBundle, between: Network) -> GatewaySettings:
    from verifier.gateway.settings import settings as s  # noqa: PLC0415
    from verifier.sources.upstream import Access  # noqa: PLC0415

    name = _checked("name", one.name or "", s.check_bundle_name)
    bundle = s.BundleSettings(
        name=name,
        path=_checked("name", f"/bundles/{name}", s.check_bundle_path),
        upstream=one.upstream or "",
        access=Access(network=between),
        verdict=one.verdict,
    )
    return s.GatewaySettings(
        listen=_checked("listen", one.listen or s.DEFAULT_LISTEN, s.ListenOn.parse),
        policy=Path(one.policy or ""),
        ledger=stores.url_of(one.ledger),
        bundles=(bundle,),
    )


def _checked(option: str, text: str, check: Callable[[str], T]) -> T:
    try:
        return check(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=f"--{option}") from error
