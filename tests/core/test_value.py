"""Values do what frozen, keyword-only, slotted dataclasses do; those of the standard library are the yardstick."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.value import Value, field, field_names, replace

if TYPE_CHECKING:
    from dataclasses import InitVar
    from typing import ClassVar

NAMES = st.sampled_from(["a", "b", "c", "d", "self", "value"])
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.tuples(st.integers()))
REQUIRED, ALONE, DEFAULT, MADE = "required", "alone", "default", "made"
DECLARED = st.tuples(st.sampled_from([REQUIRED, ALONE, DEFAULT, MADE]), PLAIN, st.booleans())
"""How a field is declared, its default, and whether `repr` shows it."""


class Point(Value):
    x: int
    y: int = 0
    note: str = field(default="", repr=False)


class Named(Point):
    y: int = 7
    name: str


class Listed(Value):
    items: list[int] = field(default_factory=list)


class Sealed(Value):
    content: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal != "the seal":
            raise TypeError("not sealed")


class Empty(Value):
    pass


class Labelled(Value):
    label: ClassVar[str] = "of the kind"
    x: int


def kinds(declared):
    """The same fields as a kind of values and as a dataclass."""
    ours, theirs = {}, {}
    for name, (how, default, shown) in declared.items():
        if how == ALONE:
            ours[name], theirs[name] = default, dataclasses.field(default=default)
        elif how == DEFAULT:
            ours[name] = field(default=default, repr=shown)
            theirs[name] = dataclasses.field(default=default, repr=shown)
        elif how == MADE:
            ours[name] = field(default_factory=lambda default=default: default, repr=shown)
            theirs[name] = dataclasses.field(default_factory=lambda default=default: default, repr=shown)
        else:
            ours[name], theirs[name] = field(repr=shown), dataclasses.field(repr=shown)
    kind = type(Value)("Kind", (Value,), {"__annotations__": dict.fromkeys(declared, "object"), **ours})
    alike = [(name, "object", theirs[name]) for name in declared]
    return kind, dataclasses.make_dataclass("Kind", alike, frozen=True, kw_only=True, slots=True)


def made(kind, arguments):
    """What comes of making one: its fields and how it is shown, or the exception's type."""
    try:
        one = kind(**arguments)
    except TypeError:
        return TypeError
    return {each.name: getattr(one, each.name) for each in dataclasses.fields(one)}, repr(one)


@given(st.dictionaries(NAMES.filter(lambda name: name != "self"), DECLARED), st.dictionaries(NAMES, PLAIN))
def test_they_are_made_and_shown_like_dataclasses(declared, arguments):
    ours, theirs = kinds(declared)
    assert made(ours, arguments) == made(theirs, arguments)


@given(st.dictionaries(NAMES.filter(lambda name: name != "self"), DECLARED), st.data())
def test_they_are_equal_hashed_and_replaced_like_dataclasses(declared, data):
    ours, theirs = kinds(declared)
    arguments = [data.draw(st.fixed_dictionaries(dict.fromkeys(declared, PLAIN))) for _ in range(2)]
    (one, other), (their_one, their_other) = ([kind(**each) for each in arguments] for kind in (ours, theirs))
    assert (one == other) == (their_one == their_other)
    assert one == ours(**arguments[0])
    assert hash(one) == hash(ours(**arguments[0]))
    changes = data.draw(st.dictionaries(NAMES.filter(lambda name: name in declared), PLAIN)) if declared else {}
    assert repr(replace(one, **changes)) == repr(dataclasses.replace(their_one, **changes))


def test_a_value_is_made_by_keywords_only():
    with pytest.raises(TypeError):
        Point(1)


@pytest.mark.parametrize("arguments", [{}, {"y": 1}, {"x": 1, "z": 1}, {"x": 1, "self": 1}])
def test_missing_and_unknown_fields_are_named(arguments):
    wrong = {"x"} ^ (arguments.keys() - {"y"})
    with pytest.raises(TypeError, match=", ".join(sorted(wrong))):
        Point(**arguments)


def test_a_value_is_never_changed():
    point = Point(x=1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        del point.x
    assert point == Point(x=1)


def test_a_value_has_its_fields_and_nothing_else():
    with pytest.raises(AttributeError):
        Point(x=1).z = 2
    assert not hasattr(Point(x=1), "__dict__")


def test_values_of_different_kinds_are_not_equal():
    class Other(Value):
        x: int
        y: int = 0
        note: str = ""

    assert Point(x=1) != Other(x=1)
    assert Point(x=1, y=7) != Named(x=1, name="")
    assert Point(x=1) != (1, 0, "")
    assert Empty() == Empty()


def test_a_default_that_is_made_is_made_anew():
    assert Listed().items is not Listed().items


def test_a_kind_extends_another_and_may_change_its_defaults():
    assert repr(Named(x=1, name="n")) == "Named(x=1, y=7, name='n')"
    assert field_names(Named) == ("x", "y", "note", "name")
    assert Point(x=1).y == 0


def test_what_belongs_to_the_kind_is_no_field():
    assert field_names(Labelled) == ("x",)
    assert (Labelled.label, Labelled(x=1).label) == ("of the kind", "of the kind")
    with pytest.raises(TypeError, match="label"):
        Labelled(x=1, label="its own")


def test_what_is_only_given_on_making_is_checked_and_not_kept():
    sealed = Sealed(content="c", seal="the seal")
    assert not hasattr(sealed, "seal")
    assert repr(sealed) == "Sealed(content='c')"
    with pytest.raises(TypeError):
        Sealed(content="c", seal="another")
    with pytest.raises(TypeError):
        Sealed(content="c")


@pytest.mark.parametrize("replaced", [replace, dataclasses.replace])
def test_replacing_asks_for_the_seal_again(replaced):
    sealed = Sealed(content="c", seal="the seal")
    with pytest.raises(TypeError):
        replaced(sealed, content="d")
    assert replaced(sealed, content="d", seal="the seal").content == "d"


def test_replacing_checks_the_new_value():
    with pytest.raises(TypeError):
        replace(Point(x=1), z=1)


def test_the_functions_of_dataclasses_take_values():
    named = Named(x=1, name="n")
    assert dataclasses.is_dataclass(named)
    assert dataclasses.asdict(named) == {"x": 1, "y": 7, "note": "", "name": "n"}
    assert dataclasses.replace(named, y=2) == Named(x=1, y=2, name="n")
    assert [each.name for each in dataclasses.fields(Sealed)] == ["content"]


def pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - what it has just written


def test_values_are_copied_and_pickled():
    for value in (Named(x=1, name="n"), Sealed(content="c", seal="the seal"), Empty()):
        assert copy.copy(value) == copy.deepcopy(value) == pickled(value) == value


TYPED = """
from __future__ import annotations
from dataclasses import InitVar
from verifier.core.value import Value, field, replace
class Point(Value):
    x: int = field(repr=False)
    y: int = 0
    seal: InitVar[object]
point = Point(x=1, seal=None)
replace(point, x=2, seal=None)
"""
MISTAKES = """
Point(seal=None)
Point(x=1)
Point(x='1', seal=None)
Point(x=1, z=1, seal=None)
point.x = 2
point.seal
replace(point, x='1', seal=None)
replace(point, z=1, seal=None)
replace(point, x=1)
"""


def test_type_checkers_see_a_dataclass(tmp_path):
    (tmp_path / "typed.py").write_text(TYPED + MISTAKES.lstrip())
    # A process of its own: mypy raises the recursion limit of the one that it runs in.
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", tmp_path / "typed.py"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    wrong = {int(line.split(":")[1]) for line in said.stdout.splitlines() if ": error:" in line}
    first = len(TYPED.splitlines()) + 1
    assert wrong == set(range(first, first + len(MISTAKES.split("\n")) - 2)), said
