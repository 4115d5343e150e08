"""Options as plain values: what may be typed, and what it is for. Nothing here knows typer; `cli.spread` tells it.

* a group is a kind of values whose fields are options, arguments or further groups, and it has methods for what they
  stand for together
* an option is defined once, with its help, bounds and default; whoever reads a command line reads that definition
* what would be ignored is refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from verifier.core.errors import ConfigurationError
from verifier.core.value import REQUIRED, Field, Value

T = TypeVar("T")


class Option(Field):
    """What may be typed for a field, or for a parameter of a command; without flags it is an argument.

    The default says its shape: with a bool it is a switch, with a tuple it may be given several times.
    """

    __slots__ = ("help", "least", "metavar", "most", "words", "written")

    def __init__(
        self,
        written: str,
        says: str,
        default: object,
        metavar: str | None,
        *,
        bounds: tuple[int | None, int | None] = (None, None),
        words: tuple[str, ...] = (),
    ) -> None:
        super().__init__(default=default)
        self.written, self.help, self.metavar, self.words = written, says, metavar, words
        self.least, self.most = bounds

    @property
    def flags(self) -> tuple[str, ...]:
        """Every word that stands for it, the ends of a switch apart."""
        return tuple(self.written.replace("/", " ").split())

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that stand for it: VERIFY_ and each long flag in capitals."""
        on = (flag for flag in self.written.partition("/")[0].split() if flag.startswith("--"))
        return tuple(f"VERIFY_{flag[2:].replace('-', '_').upper()}" for flag in on)

    @property
    def off(self) -> tuple[str, ...]:
        """Those of them that turn a switch off."""
        return tuple(self.written.partition("/")[2].split())

    @property
    def switch(self) -> bool:
        """Whether its flag says it all."""
        return isinstance(self.default, bool)

    @property
    def repeated(self) -> bool:
        """Whether it may be given several times."""
        return isinstance(self.default, tuple)


class Destination(Option):
    """An argument that names what is written."""

    __slots__ = ()


def option(
    flags: str,
    says: str,
    *,
    default: T = cast("Any", REQUIRED),
    metavar: str | None = None,
    least: int | None = None,
    most: int | None = None,
    words: tuple[str, ...] = (),
) -> T:
    """An option; without a default it has to be given.

    `flags` are parted by spaces where it has several names, and by a slash where a switch has two ends, as in
    "--record/--no-record". `says` is its help, `metavar` stands there for its value, `least` and `most` are bounds of
    a number, and `words` are what it takes where its type does not say that.
    """
    return cast("T", Option(flags, says, default, metavar, bounds=(least, most), words=words))


def argument(metavar: str, says: str, *, default: T = cast("Any", REQUIRED), least: int | None = None) -> T:
    """What is typed without a flag; of what may be typed several times, with `least` at least that many."""
    return cast("T", Option("", says, default, metavar, bounds=(least, None)))


def destination(metavar: str, says: str, *, default: T = cast("Any", REQUIRED)) -> T:
    """What is typed without a flag, and written to."""
    return cast("T", Destination("", says, default, metavar))


class Group(Value):
    """The base of all groups; `panel` is the heading that its options stand under."""

    panel = ""


def refuse_without(flag: str, given: Mapping[str, object]) -> None:
    """Refuse, without `flag`, what means something beside it only: an option that is given is never ignored."""
    for each, value in given.items():
        if value not in (None, False, ()):
            hint = f"Give {flag} as well, or leave {each} away."
            raise ConfigurationError(f"goes with {flag}", where=each, hint=hint)
