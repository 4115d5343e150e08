"""`verify sbom diff`: compare two SBOMs."""

from __future__ import annotations

from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError


@spread
def diff(*, reference: str = argument("OLD", "What it is about.")) -> int:
    """Compare two SBOMs."""
    raise ConfigurationError(
        f"{reference}: is not built yet", where="sbom diff", hint="It comes with the next commits."
    )
