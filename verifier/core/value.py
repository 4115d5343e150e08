"""Values: what `@dataclass(frozen=True, kw_only=True, slots=True)` makes, at a fortieth of the price of a definition.

A process that judges one artifact defines eighty kinds of values and makes a few of each, so the definitions are what
it costs; `dataclasses` writes and compiles source text for every one of them (docs/adr/0005-values.md).

* a value is made by keywords, has its fields and nothing else, and is never changed
* values of one kind are equal, and hash alike, where all their fields are equal; `repr` shows the fields
* `field`, `replace`, `InitVar`, `ClassVar` and `__post_init__` mean what they mean in `dataclasses`; a kind may extend
  another
* type checkers see dataclasses, and what `dataclasses` offers works on values
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

if TYPE_CHECKING:
    import dataclasses
    from dataclasses import field, replace  # by these names type checkers know what a kind of values takes

__all__ = ["REQUIRED", "Field", "Value", "field", "field_names", "fields_said", "replace"]

REQUIRED = object()
"""The default of what has none."""
_set = object.__setattr__


class Field:
    """What is said of a field besides its type; who has more to say of fields extends it."""

    __slots__ = ("default", "default_factory", "repr")

    def __init__(
        self,
        *,
        default: object = REQUIRED,
        default_factory: Callable[[], object] | None = None,
        repr: bool = True,  # noqa: A002 - its name in `dataclasses`
    ) -> None:
        self.default, self.default_factory, self.repr = default, default_factory, repr


if not TYPE_CHECKING:
    field = Field


class _Shape:
    """The fields of one kind of values: the type of each as it is written, and what else is said of it."""

    __slots__ = ("check", "defaults", "factories", "identity", "init_only", "puts", "said", "size", "stored", "types")

    def __init__(self, types: Mapping[str, str], said: Mapping[str, Field], check: Callable[..., None] | None) -> None:
        self.types, self.said, self.check = types, said, check
        self.size = len(types)
        self.init_only = [name for name, written in types.items() if written.startswith("InitVar[")]
        self.stored = [name for name in types if name not in self.init_only]
        self.defaults = {name: each.default for name, each in said.items() if each.default is not REQUIRED}
        self.factories = {name: each.default_factory for name, each in said.items() if each.default_factory}
        self.puts: list[tuple[str, Callable[[object, Any], None]]] = []
        self.identity: Callable[[object], object] = attrgetter(*self.stored) if self.stored else type

    def set_by(self, kind: type) -> list[tuple[str, Callable[[object, Any], None]]]:
        """What sets each field of a value of `kind`: nothing that its first value needs before there is one."""
        self.puts = [(name, getattr(kind, name).__set__) for name in self.stored]
        return self.puts

    def completed(self, given: dict[str, Any]) -> dict[str, Any]:
        """What a value is made of: what is given, and defaults for the rest."""
        complete = {**self.defaults, **given}
        for name, make in self.factories.items():
            if name not in given:
                complete[name] = make()
        if len(complete) != self.size:
            raise self.misfit(complete)
        return complete

    def misfit(self, given: Mapping[str, Any]) -> TypeError:
        """What to raise where no value is made of `given`."""
        return TypeError(f"missing or unexpected: {', '.join(sorted(given.keys() ^ self.types.keys()))}")


_NO_FIELDS = _Shape({}, {}, None)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _Kind(type):
    """Reads the fields of a kind of values where it is defined, and gives each a slot."""

    __shape__: _Shape

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _Kind:
        extended = next((base.__shape__ for base in bases if isinstance(base, _Kind)), _NO_FIELDS)
        annotated: dict[str, str] = namespace.get("__annotations__", {})
        types = {each: written for each, written in annotated.items() if not written.startswith("ClassVar[")}
        defaults = {each: namespace.pop(each) for each in types if each in namespace}
        said = {each: it if isinstance(it, Field) else Field(default=it) for each, it in defaults.items()}
        check = namespace.get("__post_init__", extended.check)
        shape = _Shape({**extended.types, **types}, {**extended.said, **said}, check)
        slots = [each for each in shape.stored if each not in extended.types]
        return super().__new__(cls, name, bases, {**namespace, "__slots__": slots, "__shape__": shape})


class _StandardFields:
    """The fields as `dataclasses` describes them, made when it is that which asks."""

    def __get__(self, value: Value | None, kind: type[Value]) -> dict[str, dataclasses.Field[Any]]:
        return _standard_fields(kind)


class Value(metaclass=_Kind):
    """The base of every kind of values."""

    if TYPE_CHECKING:
        __shape__: ClassVar[_Shape]
    else:
        __dataclass_fields__ = _StandardFields()

    def __init__(self, /, **given: Any) -> None:
        shape = self.__shape__
        if len(given) != shape.size:
            given = shape.completed(given)
        try:
            for name, put in shape.puts or shape.set_by(type(self)):
                put(self, given[name])
            init_only = [given[name] for name in shape.init_only] if shape.check else ()
        except KeyError:
            raise shape.misfit(given) from None
        if shape.check:
            shape.check(self, *init_only)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        identity = self.__shape__.identity
        return bool(identity(self) == identity(other))

    def __hash__(self) -> int:
        return hash(self.__shape__.identity(self))

    def __repr__(self) -> str:
        shape = self.__shape__
        hidden = {name for name, each in shape.said.items() if not each.repr}
        shown = [f"{name}={getattr(self, name)!r}" for name in shape.stored if name not in hidden]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name!r}: a value is not changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name!r}: a value is not changed")

    def __setstate__(self, state: tuple[None, dict[str, object]]) -> None:
        """Copying and unpickling, which set what was there and check nothing, as those of `dataclasses` do."""
        for name, value in state[1].items():
            _set(self, name, value)


def field_names(kind: type[Value]) -> tuple[str, ...]:
    """The names of a kind's fields, in the order of their definition."""
    return tuple(kind.__shape__.stored)


def fields_said(kind: type[Value]) -> Mapping[str, Field]:
    """What is said of the fields of a kind besides their types, where anything is."""
    return kind.__shape__.said


@cache
def _standard_fields(kind: type[Value]) -> dict[str, dataclasses.Field[Any]]:
    from dataclasses import field, fields, make_dataclass  # noqa: PLC0415 - this module is there so that it is not loaded

    shape, alike = kind.__shape__, []
    for name in shape.stored:
        said = shape.said.get(name, Field())
        settings: dict[str, Any] = {"repr": said.repr}
        if said.default is not REQUIRED:
            settings["default"] = said.default
        if said.default_factory:
            settings["default_factory"] = said.default_factory
        alike.append((name, shape.types[name], field(**settings)))
    return {each.name: each for each in fields(make_dataclass(kind.__name__, alike, kw_only=True))}


def _replace(value: Value, /, **changes: object) -> Value:
    shape = value.__shape__
    return type(value)(**{name: getattr(value, name) for name in shape.stored} | changes)


if not TYPE_CHECKING:
    replace = _replace
