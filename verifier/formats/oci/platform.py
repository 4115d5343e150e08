"""What a manifest runs on: an operating system and an architecture, as Go names them.

* a part that is no name is refused; an index that says nothing of a platform has none
* `linux/arm64` and `linux/arm64/v8` are one platform: containerd and everybody after it leave the variant out

Source: OCI image specification 1.1, `image-index.md`, `config.md`; containerd `platforms` (normalisation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.value import Value
from verifier.formats.json.fields import Fields

_PART = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_USUAL: Mapping[tuple[str, str], str] = MappingProxyType({("arm64", "v8"): "", ("arm", ""): "v7", ("amd64", "v1"): ""})
_OTHER_NAMES: Mapping[str, str] = MappingProxyType({"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"})


class Platform(Value):
    """`os/architecture`, and `/variant` where there is one."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None
    os_features: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def is_same(self, other: Platform) -> bool:
        """Whether what is for the one is for the other; an `os.version` is compared where both have one."""
        mine, theirs = _normal(self), _normal(other)
        versions = {each for each in (self.os_version, other.os_version) if each is not None}
        return mine == theirs and len(versions) < 2


def parse_platform(text: str) -> Platform:
    """Read `os/architecture` or `os/architecture/variant`, in any case as containerd does; raises `ValueError`."""
    parts = text.lower().split("/")
    if not 2 <= len(parts) <= 3 or not all(map(_PART.match, parts)):
        raise ValueError(f"{text[:100]!r} is not OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, as in linux/arm64")
    return Platform(os=parts[0], architecture=parts[1], variant=parts[2] if len(parts) == 3 else None)


def read_platform(fields: Fields) -> Platform | None:
    """The platform that an index's descriptor, or a config, states; None where it states no system."""
    fields.known("architecture", "os", "os.version", "os.features", "variant")
    parts = {name: fields.go_text(name) for name in ("os", "architecture", "variant", "os.version")}
    if any(part is not None and not _PART.match(part) for part in parts.values()):
        raise fields.refusal("", "has a part that is no name of a system or an architecture")
    if not parts["os"] and not parts["architecture"]:
        return None
    return Platform(
        os=parts["os"] or "",
        architecture=parts["architecture"] or "",
        variant=parts["variant"] or None,
        os_version=parts["os.version"] or None,
        os_features=fields.strings("os.features", most=64) if fields.value.get("os.features") is not None else (),
    )


def _normal(platform: Platform) -> tuple[str, str, str]:
    architecture = _OTHER_NAMES.get(platform.architecture, platform.architecture)
    variant = platform.variant or ""
    return platform.os, architecture, _USUAL.get((architecture, variant), variant)
