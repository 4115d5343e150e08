"""What the environment says of the network: proxies, exceptions from them, authorities. docs/networks.md has the table.

* what is said and cannot be used is a usage error that names the variable, and repeats nothing of a proxy's URL
* where a variable is written in small letters and in large ones, the small ones win
"""

from __future__ import annotations

import os
from pathlib import Path

from verifier.cli.progress.line import told
from verifier.core.errors import ConfigurationError
from verifier.net.network import Network, Proxy, parse_no_proxy, parse_proxy


def network() -> Network:
    """How others are reached from here; raises `ConfigurationError`. Empty variables say nothing."""
    _, exempt = _first("no_proxy", "NO_PROXY")
    return Network(
        https_proxy=_proxy("https_proxy", "HTTPS_PROXY"),
        # A web server sets HTTP_PROXY from a visitor's field "Proxy" for what it starts (CVE-2016-5385, "httpoxy").
        http_proxy=_proxy("http_proxy"),
        direct=parse_no_proxy(exempt),
        ca_file=_authorities("SSL_CERT_FILE"),
        told=told(),
    )


def _proxy(*names: str) -> Proxy | None:
    name, text = _first(*names)
    if not text:
        return None
    try:
        return parse_proxy(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=name) from None


def _authorities(name: str) -> Path | None:
    _, text = _first(name)
    if not text:
        return None
    from verifier.net.connection import require_authorities  # noqa: PLC0415 - loads the TLS library

    try:
        require_authorities(Path(text))
    except ConfigurationError as error:
        raise ConfigurationError(f"{text}: {error.message}", where=name) from error
    return Path(text)


def _first(*names: str) -> tuple[str, str]:
    """The first variable of these that says something, and what it says."""
    said = ((name, os.environ.get(name, "").strip()) for name in names)
    return next(((name, text) for name, text in said if text), (names[0], ""))
