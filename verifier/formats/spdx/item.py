"""One object of an SPDX document: members with the types that they must have, every other one a fault with its path.

`null` is absent, as Go's encoders write it; so are empty texts where nothing is demanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.formats.bom.faults import Faults, told


class Item:
    """An object and where it stands in the document."""

    __slots__ = ("faults", "path", "value")

    def __init__(self, value: dict[str, Any], path: str, faults: Faults) -> None:
        self.value, self.path, self.faults = value, path, faults

    def at(self, key: str) -> str:
        """The path of a member."""
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str, *, required: bool = False) -> str:
        """A text; "" where it is absent."""
        value = self.value.get(key)
        if isinstance(value, str) and (value or not required):
            return value
        if value is not None or required:
            seen = "is missing" if value is None else f"is {told(value)}"
            self.faults.fault(self.at(key), f"{seen}, expected a text")
        return ""

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.value.get(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.faults.fault(self.at(key), f"is {told(value)}, expected true or false")
        return default

    def texts(self, key: str) -> list[tuple[str, str]]:
        """A list of texts, each with its path."""
        return [each for each in self._list(key) if self._is_of(each, str, "a text")]

    def items(self, key: str) -> Iterator[Item]:
        """A list of objects."""
        for value, path in self._list(key):
            if self._is_of((value, path), dict, "an object"):
                yield Item(value, path, self.faults)

    def item(self, key: str) -> Item | None:
        """An object, which may be absent."""
        value = self.value.get(key)
        if value is None or not self._is_of((value, self.at(key)), dict, "an object"):
            return None
        return Item(value, self.at(key), self.faults)

    def _list(self, key: str) -> list[tuple[Any, str]]:
        value = self.value.get(key)
        if value is None or not self._is_of((value, self.at(key)), list, "a list"):
            return []
        above = self.at(key)
        return [(each, f"{above}[{index}]") for index, each in enumerate(value)]

    def _is_of(self, each: tuple[Any, str], kind: type, expected: str) -> bool:
        if isinstance(each[0], kind):
            return True
        self.faults.fault(each[1], f"is {told(each[0])}, expected {expected}")
        return False
