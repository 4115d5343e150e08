"""Values of the embedded subset, compared as OPA compares them, or not at all.

* integers up to 2^53 are compared; any other number is `Unanswered`: OPA's answer may depend on how it is written
* only two integers or two strings have an order; in OPA everything has one (`null < 5`), which nobody means
* all work is paid for: a `Budget` that is used up is `Unanswered`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from verifier.rego.organisation.embedded.tokens import LARGEST

UNDEFINED: Final = object()
"""What a term has that has no value."""


class Unanswered(Exception):
    """Why an evaluation is not answered for."""


class Budget:
    """Steps that are left; one is about a microsecond."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise Unanswered("it takes too many steps")


class Members:
    """A set: each value once, in OPA's order where they have one that we know."""

    def __init__(self, values: Iterable[Any], budget: Budget) -> None:
        self._held = {identity(value, budget): value for value in values}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        if len(self._held) < 2:
            return iter(self._held.values())
        kinds = {kind_of(value) for value in self._held.values()}
        if kinds not in ({"string"}, {"number"}):
            raise Unanswered("the order of a set of other things than strings or integers")
        return iter(sorted(self._held.values()))

    def held(self) -> list[Any]:
        """Its members, in no order."""
        return list(self._held.values())

    def identities(self) -> frozenset[Any]:
        return frozenset(self._held)


def kind_of(value: Any) -> str:
    """Its type, as Rego names it."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Members):
        return "set"
    return "object" if isinstance(value, dict) else "array"


def identity(value: Any, budget: Budget) -> Any:
    """Something hashable that is equal where the values are."""
    budget.spend()
    kind = kind_of(value)
    if kind == "number":
        return (kind, _plain(value))
    if kind == "array":
        return (kind, *(identity(each, budget) for each in value))
    if kind == "object":
        return (kind, frozenset((key, identity(each, budget)) for key, each in value.items()))
    if kind == "set":
        return (kind, value.identities())
    if kind == "string":
        budget.spend(len(value) >> 6)
    return (kind, value)


def same(left: Any, right: Any, budget: Budget) -> bool:
    """Whether OPA finds them equal."""
    if kind_of(left) != kind_of(right):
        return False
    return bool(identity(left, budget) == identity(right, budget))


def before(left: Any, right: Any) -> bool:
    """Whether `left` is less than `right`."""
    kinds = {kind_of(left), kind_of(right)}
    if kinds == {"number"}:
        return _plain(left) < _plain(right)
    if kinds == {"string"}:
        return bool(left < right)
    raise Unanswered(f"the order of {' and '.join(sorted(kinds))}")


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of what can be iterated, in OPA's order; nothing for what cannot."""
    kind = kind_of(value)
    if kind == "array":
        return iter(enumerate(value))
    if kind == "object":
        return iter(sorted(value.items(), key=lambda entry: entry[0]))
    if kind == "set":
        return ((each, each) for each in value)
    return iter(())


def held(value: Any) -> list[Any]:
    """What `in` looks through: members in no order, and nothing in what has none."""
    if isinstance(value, Members):
        return value.held()
    return [each for _, each in entries(value)]


def inside(value: Any, key: Any) -> Any:
    """`value[key]`, or `UNDEFINED`."""
    kinds = (kind_of(value), kind_of(key))
    if kinds == ("object", "string"):
        return value.get(key, UNDEFINED)
    if kinds == ("array", "number"):
        place = _plain(key)
        return value[place] if 0 <= place < len(value) else UNDEFINED
    if kinds[0] == "set":
        raise Unanswered(f"a reference into {kinds[0]} by {kinds[1]}")
    return UNDEFINED


def _plain(number: int | float) -> int:
    # Not a subclass either: a number that is written unlike Python's is none of these.
    if type(number) is not int or not -LARGEST <= number <= LARGEST:
        raise Unanswered(f"the number {str(number)[:40]}, which is no integer up to 2^53")
    return number
