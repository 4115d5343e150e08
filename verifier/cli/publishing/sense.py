"""What makes no sense as a place to publish to, or to sign, and is refused before anything is asked or written."""

from __future__ import annotations

import os
from pathlib import Path

from verifier.cli.publishing.destination import Destination
from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown


def check_repository(repository: str) -> None:
    """Refuse what names no repository, before it is signed."""
    from verifier.formats.oci.manifest import parse_reference  # noqa: PLC0415 - only where one is named

    try:
        parse_reference(f"{repository}:tag")
    except ValueError as error:
        raise ConfigurationError(f"{shown(repository)}: {error}", where="--repository") from None


def require_outside(place: Destination, source: str) -> None:
    """Refuse a layout within the folder that is published: the next run would publish the last one."""
    local = place.folder
    if local is not None and os.path.isdir(source):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long
        root = Path(source).resolve()
        if root == local.resolve() or root in local.resolve().parents:
            raise ConfigurationError(f"lies within {shown(source)}, which is published", where="REF")


def require_digest(place: Destination, where: str) -> None:
    """Refuse to sign whatever a tag happens to stand for: others move tags."""
    if place.digest is None:
        hint = f"Name what is meant: {place.base}@sha256:..."
        raise ConfigurationError("is a tag, and what is signed is named by its digest", where=where, hint=hint)


def require_tag(place: Destination, where: str) -> None:
    """Refuse to publish something new under a digest, which is the outcome and not the wish."""
    if place.digest is not None:
        hint = "Name a tag; the digest is printed. To attach to what is there, leave the source away."
        raise ConfigurationError("names a digest, and what is published has one of its own", where=where, hint=hint)
