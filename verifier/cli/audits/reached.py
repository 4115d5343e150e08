"""How others are reached for an audit: by our own client, or by the pip-audit of this installation."""

from __future__ import annotations

import os
from importlib.util import find_spec

from verifier.audit.online.children import PipAudit
from verifier.audit.online.client import WHOLE_S
from verifier.cli.inputs import duration
from verifier.cli.network import network
from verifier.core.errors import ConfigurationError
from verifier.core.text.extras import how_to_install
from verifier.net.access import Access

_PASSED_ON = ("HTTPS_PROXY", "https_proxy", "http_proxy", "NO_PROXY", "no_proxy")
_LONGEST_S = 86_400.0
_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def whole_s(given: str | None, *, where: str) -> float:
    """Seconds that everything that is asked of one of them may take; raises `ConfigurationError`."""
    seconds = WHOLE_S if given is None else duration(given, where=where).total_seconds()
    if not 0 < seconds <= _LONGEST_S:
        raise ConfigurationError("must be more than nothing, and at most a day", where=where)
    return seconds


def access() -> Access:
    """How our own client reaches a service or an index."""
    return Access(network=network())


def pip_audit(flag: str) -> PipAudit:
    """What `flag` needs; raises `ConfigurationError` where it is not installed."""
    if find_spec("pip_audit") is None:
        raise ConfigurationError("needs pip-audit, which is not installed", where=flag, hint=how_to_install("audit"))
    known = {name: text for name in _PASSED_ON if (text := os.environ.get(name))}
    authorities = next((text for name in _AUTHORITIES if (text := os.environ.get(name))), None)
    if authorities is not None:
        known |= {"REQUESTS_CA_BUNDLE": authorities, "PIP_CERT": authorities}
    return PipAudit(environment=known)
