"""How far one release may run ahead of the last: the policy's `max_jump`. Pure.

A version that jumps to the maximum leaves no room for the fix that must follow it (T-207). What a jump is
depends on the scheme:

* `integer`: a whole number, the largest difference ("1000")
* `rfc3339`, `signed-time`: a duration, the longest step ("90d")
* `semver`, `calver`, `pep440`: one number for each component, most significant first ("1.20.50"); a component
  that is left out is unbounded
* of the components, the first that differs may grow by at most its number, and those after it, which begin
  again, may be at most theirs
* PEP 440's own epoch (`1!`) never jumps where there is a bound: it outranks every release
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import zip_longest

from verifier.core.clock import parse_duration
from verifier.core.value import Value
from verifier.versions.schemes import Scheme, components, order_key

_BOUNDS = r"(?a)\d{1,18}(?:\.\d{1,18}){0,7}\Z"


class Jump(Value):
    """A parsed `max_jump`: `step` for the schemes of one value, `bounds` for those of components."""

    scheme: Scheme
    step: int | timedelta = 0
    bounds: tuple[int, ...] = ()


def parse_jump(scheme: Scheme, text: str) -> Jump:
    """Read a `max_jump` of `scheme`; raises `ValueError`."""
    match scheme:
        case Scheme.RFC3339 | Scheme.SIGNED_TIME:
            return Jump(scheme=scheme, step=parse_duration(text))
        case Scheme.INTEGER:
            return Jump(scheme=scheme, step=order_key(Scheme.INTEGER, text)[0])
        case Scheme.SEMVER | Scheme.CALVER | Scheme.PEP440:
            if not re.match(_BOUNDS, text):
                raise ValueError(f'not one number for each component, as in "1.20.50": {text!r}')
            bounds = tuple(int(part) for part in text.split("."))
            return Jump(scheme=scheme, bounds=(0, *bounds) if scheme is Scheme.PEP440 else bounds)


def exceeds(jump: Jump, before: str, after: str) -> bool:
    """Whether `after`, which is not lower than `before`, runs further ahead than `jump` allows."""
    if not jump.bounds:
        step: int | timedelta = order_key(jump.scheme, after)[0] - order_key(jump.scheme, before)[0]
        return bool(step > jump.step)  # type: ignore[operator]  # both are of the scheme's own kind
    differs = False
    steps = zip_longest(components(jump.scheme, before), components(jump.scheme, after), fillvalue=0)
    for (old, new), bound in zip(steps, jump.bounds, strict=False):
        if (new if differs else new - old) > bound:
            return True
        differs = differs or new != old
    return False
