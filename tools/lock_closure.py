"""Whether a lock file is closed: whatever its pins require, extras and markers included, is pinned in it too.

* pure: a lock's text, the metadata of its distributions and a marker environment go in, complaints come out
* only then does `pip install --no-deps` of the lock give what works, and no newer release can change what it gives
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_ENTRY = re.compile(
    r"(?m)^(?P<requirement>[A-Za-z0-9][^\\\n]*?) *\\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: *\\)?\n?)+)"
)
_WITH_MARKER = re.compile(r"(?m)^[A-Za-z0-9].*$")


class _System(NamedTuple):
    sys_platform: str
    platform_system: str
    os_name: str
    machines: tuple[str, ...]


_SYSTEMS = (
    _System("linux", "Linux", "posix", ("x86_64", "aarch64")),
    _System("darwin", "Darwin", "posix", ("x86_64", "arm64")),
    _System("win32", "Windows", "nt", ("AMD64", "ARM64")),
)


@dataclass(frozen=True)
class Pin:
    """One distribution of a lock file."""

    name: str
    version: str
    extras: frozenset[str]
    marker: Marker | None
    hashes: tuple[str, ...]

    def applies(self, environment: Mapping[str, str]) -> bool:
        """Whether it is installed in that environment."""
        return self.marker is None or self.marker.evaluate(dict(environment))


def read_lock(text: str) -> dict[str, Pin]:
    """The pins by name; raises `ValueError` for a line that is not an exact pin with hashes."""
    pins: dict[str, Pin] = {}
    for match in _ENTRY.finditer(text):
        requirement = Requirement(match["requirement"])
        exact = [specifier.version for specifier in requirement.specifier if specifier.operator == "=="]
        if len(exact) != 1 or len(requirement.specifier) != 1:
            raise ValueError(f"not a pin of one version: {match['requirement']}")
        name = canonicalize_name(requirement.name)
        if name in pins:
            raise ValueError(f"pinned twice: {name}")
        hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))
        pins[name] = Pin(name, exact[0], frozenset(requirement.extras), requirement.marker, hashes)
    without = len(_WITH_MARKER.findall(text)) - len(pins)
    if without:
        raise ValueError(f"{without} lines are not pins with hashes")
    return pins


def environments() -> list[dict[str, str]]:
    """The marker environments of CPython on every system and version that the locks are for."""
    systems = [(system, machine) for system in _SYSTEMS for machine in system.machines]
    return [_environment(python, system, machine) for python, (system, machine) in product(PYTHONS, systems)]


def _environment(python: str, system: _System, machine: str) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": system.os_name,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": system.platform_system,
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": system.sys_platform,
    }


@dataclass(frozen=True)
class Closure:
    """What following every requirement from the project's own found."""

    unmet: tuple[str, ...]
    """Requirements that no pin meets, in words."""
    unneeded: frozenset[str]
    """Pins that nothing asks for: sooner or later they contradict those that something does."""
    unknown: frozenset[str]
    """Pins without metadata: what they require was not followed."""


def closure(
    pins: Mapping[str, Pin],
    wanted: Sequence[str],
    requires: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
) -> Closure:
    """Follow `wanted`, the project's own requirements, through `requires`, the pins' metadata by name."""
    unmet: list[str] = []
    unknown: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [("the project", found) for found in _active(wanted, "", environment)]
    while waiting:
        source, requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if complaint := _complaint(pins.get(name), requirement, environment):
            unmet.append(f"{source} requires {requirement}: {complaint}")
            continue
        if name not in requires:
            unknown.add(name)
            continue
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                shown = f"{name}[{extra}]" if extra else name
                waiting.extend((shown, found) for found in _active(requires[name], extra, environment))
    needed = {name for name, _ in seen} | unknown
    installed = {name for name, pin in pins.items() if pin.applies(environment)}
    return Closure(tuple(sorted(unmet)), frozenset(installed - needed), frozenset(unknown))


def _active(texts: Sequence[str], extra: str, environment: Mapping[str, str]) -> Iterator[Requirement]:
    """The requirements that hold in the environment with that extra; "" is none."""
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra}):
            yield requirement


def _complaint(pin: Pin | None, requirement: Requirement, environment: Mapping[str, str]) -> str:
    if pin is None:
        return "it is not pinned"
    if not pin.applies(environment):
        return f"it is pinned only where {pin.marker}"
    if not requirement.specifier.contains(pin.version, prereleases=True):
        return f"it is pinned at {pin.version}"
    if not requirement.extras <= pin.extras:
        return f"it is pinned without the extra {', '.join(sorted(requirement.extras - pin.extras))}"
    return ""
