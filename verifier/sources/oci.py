"""A bundle in an OCI registry: the layer that OPA would take, of the one manifest that a reference leads to.

* what has changed is decided by the manifest's digest, before a layer is fetched
* how the reference leads to the layer, an index or a manifest or both, is kept with it (`sources.chain`)
* what was pinned by its digest does not change, and is not asked for twice

Source: OPA `v1/download/oci_download.go`; formats/opa-bundle.md section 6.
"""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.formats.oci.manifest import parse_digest
from verifier.net.access import Access
from verifier.sources.chain import walk
from verifier.sources.fetched import Fetched
from verifier.sources.kept_place import KeptPlace
from verifier.sources.place import Place
from verifier.sources.registry import RegistryPlace


class RegistryUpstream:
    """One reference, `oci://…`. Raises `ValueError` for what is not one."""

    def __init__(self, reference: str, *, access: Access, limits: Limits) -> None:
        self._registry = RegistryPlace(reference, access, limits)
        self._limits = limits
        self.place: Place = KeptPlace(self._registry)
        """Where the bundle lies, with what else is there."""

    @property
    def reference(self) -> str:
        """As it was given."""
        return self._registry.uri

    def fetch(self, validator: str | None, *, wait: int = 0) -> Fetched | None:  # noqa: ARG002 - registries answer at once
        """What is there now, or None where it has not changed."""
        resolved = self._registry.renew(known=_digest(validator))
        if resolved is None:
            return None
        chain, layer = walk(self.place, resolved)
        content = self.place.blob(layer, max_bytes=self._limits.archive_bytes)
        return Fetched(content=content, validator=str(resolved.digest), chain=chain)

    def close(self) -> None:
        """Close the connection, and end what is under way."""
        self._registry.close()


def _digest(validator: str | None) -> Digest | None:
    """The manifest that a validator stands for; None for one of another kind."""
    try:
        return parse_digest(validator or "")
    except ValueError:
        return None
