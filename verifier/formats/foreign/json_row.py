"""A format that is told by the names in a JSON object, and where these are not enough, by a look at their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.core.value import Value
from verifier.formats.foreign.foreign import Foreign
from verifier.formats.json.strict_json import JsonValue

Object = Mapping[str, JsonValue]


class JsonRow(Value):
    """`names` all stand in the object; `like` looks at what they hold, None where the names are enough."""

    foreign: Foreign
    names: frozenset[str]
    like: Callable[[Object], bool] | None = None


def json_row(
    name: str,
    what: str,
    names: tuple[str, ...],
    todo: str,
    *,
    like: Callable[[Object], bool] | None = None,
    code: str = "",
    read_at: tuple[str, ...] = (),
) -> JsonRow:
    """One row of a table of JSON formats."""
    foreign = Foreign(name=name, what=what, todo=todo, code=code, read_at=frozenset(read_at))
    return JsonRow(foreign=foreign, names=frozenset(names), like=like)


def text_at(value: Object, name: str) -> str:
    """The string at `name`, "" where there is none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def object_at(value: Object, name: str) -> Object:
    """The object at `name`, an empty one where there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def first_of(value: Object, name: str) -> Object:
    """The first object of the array at `name`, an empty one where there is none."""
    found = value.get(name)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
