"""The table `[images]` of the gateway's configuration."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final, cast

from verifier.core.value import replace
from verifier.formats.toml.table import Table
from verifier.gateway.images.reference import Repositories, check_image_name, check_registry, check_repository_pattern
from verifier.gateway.settings import images
from verifier.gateway.settings.peers import PEER_KEYS, access_of
from verifier.gateway.settings.values import ZERO, duration
from verifier.kinds.image.wish import LAYERS, Layers
from verifier.net.network import Network
from verifier.net.registry.settings import MIRROR_KEYS, mirror_of, stated_mirrors
from verifier.sources.upstream import Access

_KEYS: Final = frozenset(
    {"repositories", "registries", "keep_tags", "keep_digests", "wait", "workers", "layers", "record"}
)
_MAX_PATTERNS: Final = 1_000


def read_images(top: Table, folder: Path, network: Network | None) -> images.ImageSettings | None:
    """What `top` says of images, None where it says nothing."""
    section = top.table("images", _KEYS)
    if section is None:
        return None
    return images.ImageSettings(
        repositories=_repositories(section),
        access=Access(network=network),
        registries=_registries(section, folder, network),
        keep_tags=duration(section, "keep_tags", default=images.KEEP_TAGS, low=ZERO, high=images.LONGEST_KEPT_TAG),
        keep_digests=duration(
            section, "keep_digests", default=images.KEEP_DIGESTS, low=ZERO, high=images.LONGEST_KEPT_DIGEST
        ),
        wait=duration(section, "wait", default=images.WAIT, low=timedelta(seconds=1), high=images.LONGEST_WAIT),
        workers=section.integer("workers", low=1, high=images.MAX_WORKERS, default=images.WORKERS),
        layers=cast("Layers", section.choice("layers", LAYERS)) if "layers" in section.values else None,
        record=section.flag("record", default=True),
    )


def _repositories(section: Table) -> Repositories:
    stated = section.required("repositories")
    known = frozenset(stated) if isinstance(stated, dict) else frozenset()
    table = section.required_table("repositories", known)
    if not 1 <= len(table.values) <= _MAX_PATTERNS:
        raise section.error("repositories", f"must have from 1 to {_MAX_PATTERNS} patterns, not {len(table.values)}")
    names = []
    for pattern in table.values:
        table.checked(pattern, lambda each=pattern: check_repository_pattern(each))  # type: ignore[misc]
        name = table.required_text(pattern, lambda each, of=pattern: check_image_name(each, pattern=of))  # type: ignore[misc]
        names.append((pattern, name))
    return Repositories(names=tuple(names))


def _registries(section: Table, folder: Path, network: Network | None) -> dict[str, Access]:
    found: dict[str, Access] = {}
    mirrors: dict[str, tuple[tuple[str, ...], bool]] = {}
    for name, table in section.named_tables("registries", PEER_KEYS | MIRROR_KEYS):
        try:
            check_registry(name)
        except ValueError as error:
            raise table.source.error(table.path, f"{table.spelled} {error}") from error
        found[name] = access_of(table, folder, network, is_registry=True)
        mirrors[name] = stated_mirrors(table)
    return {
        name: replace(
            access,
            mirrors=tuple(mirror_of(each, lambda host: found.get(host, Access(network=network))) for each in mirrored),
            tags_from_mirrors=by_tag,
        )
        for (name, access), (mirrored, by_tag) in zip(found.items(), mirrors.values(), strict=True)
    }
