"""What a manifest runs on: an operating system and an architecture, as Go names them.

* a part that is no name is refused; an index that says nothing of a platform has none
* `linux/arm64`, `Linux/AArch64` and `linux/arm64/v8` are one platform, as for containerd and everybody after it

Source: OCI image specification 1.1, `image-index.md`, `config.md`; containerd `platforms` (normalisation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.value import Value
from verifier.formats.json.fields import Fields

_PART = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_USUAL: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("amd64", "v1"): "",
        **dict.fromkeys((("arm64", each) for each in ("8", "v8", "v8.0")), ""),
        **dict.fromkeys((("arm64", each) for each in ("9", "9.0", "v9.0")), "v9"),
        ("arm", ""): "v7",
        **{("arm", each): f"v{each}" for each in "5678"},
    }
)
_OTHER_NAMES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "x86_64": ("amd64", None),
        "x86-64": ("amd64", None),
        "aarch64": ("arm64", None),
        "i386": ("386", ""),
        "armhf": ("arm", "v7"),
        "armel": ("arm", "v6"),
    }
)
"""What else architectures are called, and the variant that such a name stands for, whatever is said beside it."""
_OTHER_SYSTEMS: Mapping[str, str] = MappingProxyType({"macos": "darwin"})


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
    """Read `os/architecture` or `os/architecture/variant`; raises `ValueError`."""
    parts = text.split("/")
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
    system, stated, said = (each.lower() for each in (platform.os, platform.architecture, platform.variant or ""))
    architecture, implied = _OTHER_NAMES.get(stated, (stated, None))
    variant = said if implied is None else implied
    return _OTHER_SYSTEMS.get(system, system), architecture, _USUAL.get((architecture, variant), variant)
