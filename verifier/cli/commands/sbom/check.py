"""`verify sbom check`: check that an SBOM is true."""

from __future__ import annotations

from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError


@spread
def check(*, reference: str = argument("SBOM", "What it is about.")) -> int:
    """Check that an SBOM is true."""
    raise ConfigurationError(
        f"{reference}: is not built yet", where="sbom check", hint="It comes with the next commits."
    )
