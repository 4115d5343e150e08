"""Every kind of artifact. Adding one is a folder and a row here; what a run does not ask about is not loaded."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from verifier.kinds.kind import Kind

KINDS: Mapping[str, str] = MappingProxyType({"bundle": "bundle.kind", "image": "image.kind", "artifact": "file.kind"})
"""Where each kind is defined below this package: the module's `KIND`."""


def kind_of(name: str) -> Kind:
    """The kind of this name; `KeyError` where there is none."""
    return cast("Kind", import_module(f"verifier.kinds.{KINDS[name]}").KIND)
