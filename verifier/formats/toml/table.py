"""Tables of a policy, read one key at a time, so that every error names its line.

* an unknown key is an error that names the nearest known one
* a value of another type than the key's is an error that says both
* texts are never empty and never hold control characters or bidirectional overrides
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from verifier.core.clock import parse_duration
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.formats.toml.lines import KeyPath

T = TypeVar("T")

_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),  # before int: a bool is one
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (list, "an array"),
    (dict, "a table"),
    (datetime, "a date and time"),
)
_MAX_TEXT = 2048
"""Characters of one string: the longest is a URI."""


class PolicySource(Value):
    """Where a document comes from: the name that errors give it, the line of each key path, what it is as a whole."""

    where: str
    lines: Mapping[KeyPath, int]
    whole: str = "the policy"

    def spell(self, path: KeyPath) -> str:
        """A key path as the document's author wrote it."""
        return _spell(path) or self.whole

    def error(self, path: KeyPath, message: str, hint: str = "") -> ConfigurationError:
        """An error at the line of `path`, or of the nearest thing around it that has a line."""
        while path and path not in self.lines:
            path = path[:-1]
        return ConfigurationError(message, where=f"{self.where}:{self.lines.get(path, 1)}", hint=hint)


class Table(Value):
    """One table of the policy, whose keys are all known."""

    source: PolicySource
    path: KeyPath
    values: Mapping[str, object]

    @classmethod
    def open(cls, source: PolicySource, path: KeyPath, value: object, known: frozenset[str]) -> Table:
        """The table at `path`; an error where it is none, or holds a key that is not in `known`."""
        if not isinstance(value, dict):
            raise source.error(path, f"{source.spell(path)} must be a table, not {_type_name(value)}")
        for key in value:
            if key not in known:
                raise source.error((*path, key), f"unknown key {key!r} in {source.spell(path)}", nearest(key, known))
        return cls(source=source, path=path, values=value)

    @property
    def spelled(self) -> str:
        """The table's path as the policy's author wrote it."""
        return self.source.spell(self.path)

    def error(self, key: str, message: str, hint: str = "", *, index: int | None = None) -> ConfigurationError:
        """An error at the line of `key`, or of its element `index`; `message` continues "KEY ..."."""
        path = (*self.path, key)
        at = path if index is None else (*path, index)
        return self.source.error(at, f"{self.source.spell(path)} {message}", hint)

    def required(self, key: str) -> object:
        """The value of a key that has no default."""
        if key not in self.values:
            hint = f"add {key} = … to it" if key != "version" else "write version = 1 as the first line"
            raise self.source.error(self.path, f"{self.source.spell(self.path)} lacks the required key {key!r}", hint)
        return self.values[key]

    def text(self, key: str) -> str:
        """A required string."""
        return self._text(key, self.required(key))

    def optional_text(self, key: str) -> str | None:
        """A string, or None where the key is absent."""
        return self.text(key) if key in self.values else None

    def checked_text(self, key: str, check: Callable[[str], str]) -> str | None:
        """A string that passes `check`, which raises `ValueError`, or None where the key is absent."""
        return self.required_text(key, check) if key in self.values else None

    def required_text(self, key: str, check: Callable[[str], str]) -> str:
        """A required string that passes `check`, which raises `ValueError`."""
        text = self.text(key)
        return self.checked(key, lambda: check(text))

    def checked(self, key: str, check: Callable[[], T], *, index: int | None = None) -> T:
        """What `check` returns; its `ValueError` becomes an error at the line of `key`."""
        try:
            return check()
        except ValueError as error:
            raise self.error(key, str(error), index=index) from error

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """A string out of `options`, the first of which is the default."""
        value = self.optional_text(key)
        if value is not None and value not in options:
            raise self.error(key, f"must be one of {', '.join(options)}, not {value!r}", nearest(value, options))
        return options[0] if value is None else value

    def integer(self, key: str, *, low: int, high: int, default: int | None = None) -> int:
        """An integer from `low` to `high`; required where there is no default."""
        value = self.required(key) if default is None else self.values.get(key, default)
        if type(value) is not int:
            raise self.error(key, f"must be an integer, not {_type_name(value)}")
        if not low <= value <= high:
            raise self.error(key, f"must be from {low} to {high}, not {value}")
        return value

    def number(self, key: str, *, low: float, high: float) -> float:
        """A required number from `low` to `high`, with or without a point."""
        value = self.required(key)
        if type(value) not in {int, float}:
            raise self.error(key, f"must be a number, not {_type_name(value)}")
        number = float(str(value))
        if not low <= number <= high:
            raise self.error(key, f"must be from {low:g} to {high:g}, not {value}")
        return number

    def flag(self, key: str, *, default: bool) -> bool:
        """A boolean."""
        value = self.values.get(key, default)
        if type(value) is not bool:
            raise self.error(key, f"must be true or false, not {_type_name(value)}")
        return value

    def moment(self, key: str) -> datetime | None:
        """A date and time with an offset, or None where the key is absent."""
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, datetime):
            raise self.error(key, f"must be a date and time such as 2026-01-01T00:00:00Z, not {_type_name(value)}")
        if value.tzinfo is None:
            raise self.error(key, f"must have an offset: {value.isoformat()} is a different moment in every time zone")
        try:
            return value.astimezone(UTC)
        except OverflowError as error:
            message = f"lies outside the years 1 to 9999 in UTC: {value.isoformat()}"
            raise self.error(key, message) from error

    def texts(self, key: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """A required array of strings, each once."""
        value = self.required(key)
        if not isinstance(value, list):
            raise self.error(key, f"must be an array of strings, not {_type_name(value)}")
        if not value and not may_be_empty:
            raise self.error(key, "must not be empty")
        found: dict[str, None] = {}
        for index, element in enumerate(value):
            text = self._text(key, element, index)
            if text in found:
                raise self.error(key, f"lists {text!r} twice", index=index)
            found[text] = None
        return tuple(found)

    def checked_texts(self, key: str, check: Callable[[str], str], *, may_be_empty: bool = False) -> tuple[str, ...]:
        """A required array of strings that each pass `check`, each once."""
        texts = self.texts(key, may_be_empty=may_be_empty)
        return tuple(self.checked(key, partial(check, text), index=index) for index, text in enumerate(texts))

    def optional_texts(self, key: str, check: Callable[[str], str]) -> tuple[str, ...]:
        """An array of strings that each pass `check`, each once, or nothing where the key is absent."""
        return self.checked_texts(key, check) if key in self.values else ()

    def duration(self, key: str) -> timedelta | None:
        """A duration such as "90s" or "30d", or None where the key is absent."""
        text = self.optional_text(key)
        if text is None:
            return None
        try:
            return parse_duration(text)
        except ValueError as error:
            raise self.error(key, f"is {error}") from error

    def reference(
        self, key: str, name: str, known: Collection[str], *, what: str = "", index: int | None = None
    ) -> str:
        """`name`, to which `key` refers; an error where it is not `known`, which calls it `what` ("the signer")."""
        if name not in known:
            message = f"names {f'{what} {name!r}'.lstrip()}, which {self.source.whole} does not have"
            raise self.error(key, message, nearest(name, known), index=index)
        return name

    def required_table(self, key: str, known: frozenset[str]) -> Table:
        """The table under `key`."""
        return Table.open(self.source, (*self.path, key), self.required(key), known)

    def table(self, key: str, known: frozenset[str]) -> Table | None:
        """The table under `key`, or None where the key is absent."""
        return self.required_table(key, known) if key in self.values else None

    def named_tables(self, key: str, known: frozenset[str]) -> Iterator[tuple[str, Table]]:
        """The tables under the table `key`, each with its name."""
        tables = self.values.get(key, {})
        if not isinstance(tables, dict):
            raise self.error(key, f"must be a table of tables, not {_type_name(tables)}")
        for name, value in tables.items():
            path = (*self.path, key, name)
            if not name or not name.isprintable() or len(name) > _MAX_TEXT:
                raise self.source.error(path, f"{name!r} cannot be a name in {self.source.spell((*self.path, key))}")
            yield name, Table.open(self.source, path, value, known)

    def tables(self, key: str, known: frozenset[str], *, most: int) -> Iterator[Table]:
        """The elements of the array of tables under `key`, none where the key is absent."""
        tables = self.values.get(key, [])
        if not isinstance(tables, list):
            raise self.error(key, f"must be an array of tables, [[{key}]], not {_type_name(tables)}")
        if len(tables) > most:
            raise self.error(key, f"has at most {most:,} elements, not {len(tables):,}")
        for index, value in enumerate(tables):
            yield Table.open(self.source, (*self.path, key, index), value, known)

    def _text(self, key: str, value: object, *index: int) -> str:
        path = (*self.path, key, *index)
        if not isinstance(value, str):
            plain = type(value) in (int, float) and not index
            hint = f'Write it in quotes: {key} = "{value}"' if plain else ""
            raise self.source.error(path, f"{self.source.spell(path)} must be a string, not {_type_name(value)}", hint)
        if not value or len(value) > _MAX_TEXT:
            raise self.source.error(path, f"{self.source.spell(path)} must have from 1 to {_MAX_TEXT} characters")
        if not value.isprintable():
            raise self.source.error(path, f"{self.source.spell(path)} holds characters that do not show: {value!a}")
        return value


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint: the known word that is nearest to `word`, or all of them."""
    words = sorted(known)
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistakes

    close = (
        get_close_matches(word[:64], words, n=1, cutoff=0.85)
        or sorted((each for each in words if len(each) > 2 and word.startswith(each)), key=len)[-1:]
        or get_close_matches(word[:64], words, n=1)
    )
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(words)}"


def _spell(path: KeyPath) -> str:
    return ".".join(str(part) if isinstance(part, int) else _quoted(part) for part in path)


def _quoted(part: str) -> str:
    return part if part.replace("-", "_").isidentifier() else f'"{part}"'


def _type_name(value: object) -> str:
    return next((name for kind, name in _TYPE_NAMES if isinstance(value, kind)), "a date or a time without the other")
