"""What a worker has to know of a configuration: which paths are bundles, and who may ask, by which names.

It has no policy, no ledger, no upstream and no token: of tokens it has the digests that they are compared by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.value import Value
from verifier.gateway.clients import Clients
from verifier.gateway.hosts import Hosts
from verifier.gateway.workers import said
from verifier.gateway.workers.channel import Said

if TYPE_CHECKING:
    from verifier.gateway.serving import Serving


class Terms(Value):
    """Sent before anything that rests on it; `longest_wait` is in milliseconds."""

    paths: tuple[str, ...]
    names: tuple[str, ...]
    """Of the bundles, in the order of `paths`."""
    hosts: tuple[str, ...]
    only_here: bool
    tokens: tuple[str, ...]
    """SHA-256, hexadecimal."""
    needs_certificate: bool
    longest_wait: int

    @classmethod
    def of(cls, serving: Serving) -> Terms:
        """Those of what serves now."""
        return cls(
            paths=tuple(bundle.settings.path for bundle in serving.bundles),
            names=tuple(bundle.settings.name for bundle in serving.bundles),
            hosts=serving.hosts.names,
            only_here=serving.hosts.only_here,
            tokens=tuple(each.hex() for each in serving.clients.digests),
            needs_certificate=serving.clients.needs_certificate,
            longest_wait=int(serving.longest_wait * 1000),
        )

    @classmethod
    def read(cls, document: Said) -> Terms:
        """What `written` makes; raises `NotUnderstoodError`."""
        return cls(
            paths=said.texts(document, "paths"),
            names=said.texts(document, "names"),
            hosts=said.texts(document, "hosts"),
            only_here=said.flag(document, "only_here"),
            tokens=said.texts(document, "tokens"),
            needs_certificate=said.flag(document, "needs_certificate"),
            longest_wait=said.number(document, "longest_wait"),
        )

    def written(self) -> dict[str, object]:
        """As part of a record's head."""
        return {
            "paths": self.paths,
            "names": self.names,
            "hosts": self.hosts,
            "only_here": self.only_here,
            "tokens": self.tokens,
            "needs_certificate": self.needs_certificate,
            "longest_wait": self.longest_wait,
        }

    def host_rules(self) -> Hosts:
        """As the judge has them."""
        return Hosts(self.hosts, only_here=self.only_here)

    def client_rules(self) -> Clients:
        """As the judge has them."""
        return Clients([bytes.fromhex(each) for each in self.tokens], needs_certificate=self.needs_certificate)
