"""Where `verify serve` has its settings from: a file, or the options for one bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from verifier.cli.network import network
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.gateway.settings.settings import GatewaySettings
    from verifier.net.network import Network

T = TypeVar("T")
_NEEDED = ("policy", "ledger", "upstream", "name")


def loading(config: Path | None, options: Mapping[str, str | None]) -> Callable[[], GatewaySettings]:
    """What reads the settings, now and at every reload; `options` are those of the one bundle, by name."""
    if config is None:
        for needed in _NEEDED:
            if options[needed] is None:
                hint = "Give --config, or for one bundle --policy, --ledger, --upstream and --name."
                raise ConfigurationError("is missing", where=f"--{needed}", hint=hint)
        between = network()
        return lambda: _of_options(options, between)
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ConfigurationError("cannot stand beside --config, which says everything", where=f"--{given[0]}")
    between = network()
    return lambda: _of_file(config, between)


def _of_file(path: Path, between: Network) -> GatewaySettings:
    from verifier.gateway.settings.configuration import load_settings  # noqa: PLC0415

    return load_settings(path, network=between)


def _of_options(options: Mapping[str, str | None], between: Network) -> GatewaySettings:
    from verifier.gateway.settings import settings as s  # noqa: PLC0415
    from verifier.sources.upstream import Access  # noqa: PLC0415

    name = _checked("name", options["name"] or "", s.check_bundle_name)
    bundle = s.BundleSettings(
        name=name,
        path=_checked("name", f"/bundles/{name}", s.check_bundle_path),
        upstream=options["upstream"] or "",
        access=Access(network=between),
        verdict=options["verdict"],
    )
    return s.GatewaySettings(
        listen=_checked("listen", options["listen"] or s.DEFAULT_LISTEN, s.ListenOn.parse),
        policy=Path(options["policy"] or ""),
        ledger=options["ledger"] or "",
        bundles=(bundle,),
    )


def _checked(option: str, text: str, check: Callable[[str], T]) -> T:
    try:
        return check(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=f"--{option}") from error
