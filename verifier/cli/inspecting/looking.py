"""What somebody names, looked at from here: with the logins and the network of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from verifier.inspecting.inspect import LOCAL_PLACES, inspect
from verifier.inspecting.inspected import Inspected

if TYPE_CHECKING:
    from verifier.net.access import Access


def look_at(reference: str) -> Inspected:
    """What is there; raises `ConfigurationError`, `Refused`."""
    return inspect(reference, access=access_to(reference))


def access_to(reference: str) -> Access | None:
    """How what is elsewhere is reached from here; None for what is not."""
    if reference.startswith(LOCAL_PLACES) or _is_here(reference):
        return None
    if reference.startswith(("https://", "http://")):
        from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
        from verifier.net.access import Access  # noqa: PLC0415 - as above

        return Access(network=network())
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only where there is a registry

    return reference_access(reference)


def _is_here(reference: str) -> bool:
    try:
        return os.path.lexists(reference)
    except ValueError:
        return False
