"""`verify sbom generate`: write the SBOM of an artifact."""

from __future__ import annotations

from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError


@spread
def generate(*, reference: str = argument("TARGET", "What it is about.")) -> int:
    """Write the SBOM of an artifact."""
    raise ConfigurationError(
        f"{reference}: is not built yet", where="sbom generate", hint="It comes with the next commits."
    )
