"""Every kind of artifact and its reader. Adding a kind is a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from verifier.core.artifact import Artifact
from verifier.core.limits import Limits
from verifier.core.reading import ReadingMode
from verifier.core.value import Value
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.file.artifact import read_blob


class Reading(Value):
    """How an artifact is called and how it is to be read."""

    name: str
    resource_uri: str
    limits: Limits
    mode: ReadingMode


def _bundle(content: bytes, reading: Reading) -> Artifact:
    return read_bundle(
        content, name=reading.name, resource_uri=reading.resource_uri, limits=reading.limits, mode=reading.mode
    )


def _blob(content: bytes, reading: Reading) -> Artifact:
    return read_blob(content, name=reading.name, resource_uri=reading.resource_uri)


READERS: Mapping[str, Callable[[bytes, Reading], Artifact]] = MappingProxyType({"bundle": _bundle, "artifact": _blob})
"""Reads the bytes of an artifact of each kind; refuses what cannot be read."""
