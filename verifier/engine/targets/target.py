"""What a bill of materials is made of, or checked against: from what was typed to the contents of an artifact.

* what it is, is said by its form alone; what could be two things is refused, and `kind` says which is meant
* nothing is judged here: whoever asks gets what is there, whoever signed it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.value import Value
from verifier.evidence.contents import Contents

if TYPE_CHECKING:
    from verifier.engine.targets.recognise import TargetKind
    from verifier.formats.oci.platform import Platform
    from verifier.net.access import Access
    from verifier.rego.interface import RegoEngine

OPENING: Mapping[TargetKind, str] = MappingProxyType(
    {
        "bundle": "bundle",
        "image": "image",
        "project": "project",
        "environment": "environment",
    }
)
"""The file below `engine/targets` whose `contents` reads each kind."""


class Target(Value):
    """What was typed, and how it is to be read. `kind` is None where its form says it; `access` is how a registry is
    reached, `platform` the one of an index that is meant. `all_layers` lists what later layers delete, too. `rego`
    analyses the modules of a bundle; without it nobody does."""

    reference: str
    kind: TargetKind | None = None
    access: Access | None = None
    platform: Platform | None = None
    limits: Limits = DEFAULT_LIMITS
    all_layers: bool = False
    rego: RegoEngine | None = None


def contents_of(target: Target) -> Contents:
    """The contents of the target. `ConfigurationError` where nobody can say what it is, `Refused` where it cannot be
    read."""
    from verifier.engine.targets.recognise import kind_of_target  # noqa: PLC0415 - once there is a target

    kind = target.kind or kind_of_target(target.reference)
    reading: Callable[[Target], Contents] = import_module(f"verifier.engine.targets.{OPENING[kind]}").contents
    return reading(target)


def path_of(target: Target) -> Path:
    """The target as a place on this machine."""
    return Path(target.reference)
