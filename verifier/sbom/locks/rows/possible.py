"""Can a marker be true on any machine that a project runs on, and is one of several true on each? Pure.

* it is asked of the Pythons that `requires-python` allows, on the systems that people have; what cannot be evaluated
  may be true
* this decides only whether a lock may leave something out, and whether constraints pin for everybody
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Final

_PYTHONS: Final = ("2.7", *(f"3.{minor}" for minor in range(6, 21)))
_SYSTEMS: Final = (("linux", "Linux", "posix"), ("win32", "Windows", "nt"), ("darwin", "Darwin", "posix"))
_MACHINES: Final = ("x86_64", "aarch64", "arm64", "AMD64")
_IMPLEMENTATIONS: Final = (("cpython", "CPython"), ("pypy", "PyPy"))


@lru_cache(maxsize=4096)
def may_be_true(marker: str, requires_python: str) -> bool:
    """Whether it can; True where nobody can say."""
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName  # noqa: PLC0415 - few have markers
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - as above

    try:
        asked, allowed = Marker(marker), SpecifierSet(requires_python)
        pythons = [each for each in _PYTHONS if allowed.contains(f"{each}.99", prereleases=True)]
        return not pythons or any(asked.evaluate(each) for each in _environments(tuple(pythons)))
    except (InvalidMarker, InvalidSpecifier, UndefinedEnvironmentName, ValueError, KeyError):
        return True


@lru_cache(maxsize=4096)
def one_always_is(markers: tuple[str, ...]) -> bool:
    """Whether one of the markers is true wherever a project may run; False where nobody can say."""
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName  # noqa: PLC0415 - as above

    try:
        asked = [Marker(each) for each in markers]
        return all(any(marker.evaluate(each) for marker in asked) for each in _environments(_PYTHONS))
    except (InvalidMarker, UndefinedEnvironmentName, ValueError, KeyError):
        return False


@lru_cache(maxsize=8)
def _environments(pythons: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    return tuple(
        {
            "python_version": python,
            "python_full_version": f"{python}.99",
            "sys_platform": system,
            "platform_system": platform,
            "os_name": os_name,
            "platform_machine": machine,
            "implementation_name": name,
            "platform_python_implementation": implementation,
            "implementation_version": f"{python}.99",
            "platform_release": "6",
            "platform_version": "1",
            "extra": "",
        }
        for python, (system, platform, os_name), machine, (name, implementation) in product(
            pythons, _SYSTEMS, _MACHINES, _IMPLEMENTATIONS
        )
    )
