"""Flags of other commands, as they were typed behind `--`: GNU long options, each with one value or none.

* a flag that is not known may demand something: it is said, and makes the rule weaker
* words that are no flags are what the command is about
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from verifier.core.errors import ConfigurationError
from verifier.trust.importing.draft import Remark


class Flags(NamedTuple):
    """What was typed: values by flag, words that are none, and remarks about flags that are not known."""

    values: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]
    remarks: tuple[Remark, ...]

    def one(self, *names: str) -> str:
        """The value of a flag that is given once, "" where it is not given; `ConfigurationError` for several."""
        given = [value for name in names for value in self.values.get(name, ())]
        if len(set(given)) > 1:
            raise ConfigurationError("is given several times", where=names[0])
        return given[0] if given else ""


def read_flags(words: Sequence[str], *, valued: Set[str], switches: Set[str]) -> Flags:
    """Take words apart; raises `ConfigurationError` where a value is missing."""
    values: dict[str, tuple[str, ...]] = {}
    plain: list[str] = []
    remarks: list[Remark] = []
    pending = iter(words)
    for word in pending:
        if not word.startswith("-") or word == "-":
            plain.append(word)
            continue
        name, equals, value = word.partition("=")
        if name in valued:
            if not equals:
                value = _following(pending, name)
            values[name] = (*values.get(name, ()), value)
        elif name in switches:
            values[name] = (*values.get(name, ()), value if equals else "true")
        else:
            remarks.append(Remark(effect="weaker", where=name, message="is not known here, and may demand something"))
    return Flags(values=values, words=tuple(plain), remarks=tuple(remarks))


def _following(pending: Iterator[str], name: str) -> str:
    value = next(pending, None)
    if value is None:
        raise ConfigurationError("has no value behind it", where=name)
    return value
