"""What the gateway is told of images: which repositories it answers for, and how long an answer counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from verifier.core.value import Value, field
from verifier.gateway.images.reference import Repositories

if TYPE_CHECKING:
    from verifier.kinds.image.wish import Layers
    from verifier.sources.upstream import Access

KEEP_TAGS, LONGEST_KEPT_TAG = timedelta(seconds=10), timedelta(minutes=5)
KEEP_DIGESTS, LONGEST_KEPT_DIGEST = timedelta(minutes=5), timedelta(hours=24)
WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=30)
"""How long a request waits for what is being verified; an API server waits for a webhook for at most 30 seconds."""
WORKERS, MAX_WORKERS = 4, 64
MAX_UNDER_WAY = 256
"""References that are verified or wait for it at a time."""


class ImageSettings(Value):
    """Images, for Gatekeeper's requests.

    `registries` says how each registry is reached; one that is not there is reached with `access`. What was found of a
    tag counts for `keep_tags`, of a digest for `keep_digests`; the ledger is asked every time. Without `record` it is
    only asked. `layers` is how much of the layers is read, None for what the rule needs.
    """

    repositories: Repositories
    access: Access
    registries: Mapping[str, Access] = field(default_factory=lambda: MappingProxyType({}))
    keep_tags: timedelta = KEEP_TAGS
    keep_digests: timedelta = KEEP_DIGESTS
    wait: timedelta = WAIT
    workers: int = WORKERS
    layers: Layers | None = None
    record: bool = True
