"""The one reader of JSON objects, field by field. (A bundle's manifest collects instead: `formats/opa/manifest.py`.)

* a field that is not what was announced is refused with the caller's code; the message names its path
* a key that differs from a known one only by case is refused: readers in Go would take it for the known one
* `null` stands for an absent optional field, as Go's encoders write it; whoever says `exactly` demands every field
* a text is a non-empty string, a string may be empty
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.formats.json.strict_json import JsonValue, refuse_case_variants

E = TypeVar("E", bound=StrEnum)

MAX_KEY_ID: Final = 1_024
"""Characters of a key id: it is read before anything is verified, and repeated in messages."""


class Fields:
    """A JSON object with what a refusal needs: a reason code, the document's name, the object's path in it.

    No `Value`: it is read from, never compared, and a ledger's history makes several for each event.
    """

    __slots__ = ("code", "path", "subject", "value")

    def __init__(self, *, value: Mapping[str, JsonValue], code: str, subject: str, path: str = "") -> None:
        self.value, self.code, self.subject, self.path = value, code, subject, path

    @classmethod
    def of(cls, value: JsonValue, *, code: str, subject: str, path: str = "") -> Fields:
        """Start reading at `value`, which must be an object."""
        if not isinstance(value, dict):
            raise refuse(code, subject, f"{path or 'the document'} is {_kind(value)}, expected an object")
        return cls(value=value, code=code, subject=subject, path=path)

    def known(self, *names: str, closed: bool = False) -> Fields:
        """Refuse case variants of `names`, and where `closed` every other name too."""
        refuse_case_variants(self.value, frozenset(names), subject=self.subject)
        if closed:
            for name in self.value:
                if name not in names:
                    raise self.refusal(name, f"is unknown, expected only {', '.join(sorted(names))}")
        return self

    def exactly(self, *names: str) -> Fields:
        """Refuse every name that is not one of `names`, and the absence of any of these."""
        self.known(*names, closed=True)
        for name in names:
            if name not in self.value:
                raise self.refusal(name, "is missing")
        return self

    def refusal(self, name: str, message: str) -> Refused:
        """The refusal of the field `name`, ready to be raised."""
        return refuse(self.code, self.subject, f"{self.at(name)} {message}")

    def at(self, name: str) -> str:
        """The path of the field `name`, of the object itself for ""."""
        if self.path and name:
            return f"{self.path}.{name}"
        return name or self.path or "the document"

    def optional_text(self, name: str) -> str | None:
        """A string, which may be absent but not empty."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.refusal(name, f"is {_kind(value)}, expected a non-empty string")
        return value

    def go_text(self, name: str) -> str | None:
        """A string, absent where it is empty: Go does not tell the two apart."""
        return None if self.value.get(name) == "" else self.optional_text(name)

    def key_id(self, name: str) -> str | None:
        """A key id of bounded length, which may be absent or empty."""
        value = self.go_text(name)
        if value is not None and len(value) > MAX_KEY_ID:
            raise self.refusal(name, f"has {len(value)} characters, expected at most {MAX_KEY_ID}")
        return value

    def text(self, name: str) -> str:
        """A non-empty string."""
        value = self.value.get(name)
        if not isinstance(value, str) or not value:
            raise self.refusal(name, f"is {_kind(value)}, expected a non-empty string")
        return value

    def optional_string(self, name: str) -> str | None:
        """A string, which may be absent or empty."""
        return None if self.value.get(name) is None else self.string(name)

    def string(self, name: str) -> str:
        """A string, which may be empty."""
        value = self.value.get(name)
        if not isinstance(value, str):
            raise self.refusal(name, f"is {_kind(value)}, expected a string")
        return value

    def choice(self, name: str, among: type[E]) -> E:
        """One of the strings that `among` lists."""
        value = self.text(name)
        try:
            return among(value)
        except ValueError:
            raise self.refusal(name, f"is {value!r}, expected one of {', '.join(among)}") from None

    def optional_digest(self, name: str) -> Digest | None:
        """A digest, written `algorithm:value`, which may be absent."""
        return None if self.value.get(name) is None else self.digest(name)

    def digest(self, name: str) -> Digest:
        """A digest, written `algorithm:value`."""
        return self._digest(name, self.text(name))

    def optional_moment(self, name: str) -> datetime | None:
        """An RFC 3339 time, which may be absent."""
        return None if self.value.get(name) is None else self.moment(name)

    def moment(self, name: str) -> datetime:
        """An RFC 3339 time."""
        if self.value.get(name) is None:
            raise self.refusal(name, "is missing, expected an RFC 3339 time")
        try:
            return parse_rfc3339(self.text(name))
        except ValueError as error:
            raise self.refusal(name, f"is not a time: {error}") from error

    def optional_count(self, name: str) -> int | None:
        """A whole number from 0 on, which may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.refusal(name, f"is {_kind(value)}, expected a whole number from 0 on")
        return value

    def optional_whole(self, name: str) -> int | None:
        """A whole number, which may be absent or negative."""
        return None if self.value.get(name) is None else self.whole(name)

    def whole(self, name: str) -> int:
        """A whole number, which may be negative."""
        value = self.value.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refusal(name, f"is {_kind(value)}, expected a whole number")
        return value

    def count(self, name: str) -> int:
        """A whole number from 0 on."""
        value = self.optional_count(name)
        if value is None:
            raise self.refusal(name, "is missing, expected a whole number from 0 on")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.value.get(name)
        if not isinstance(value, bool):
            raise self.refusal(name, f"is {_kind(value)}, expected a boolean")
        return value

    def optional_object(self, name: str) -> Fields | None:
        """A nested object, which may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        return Fields.of(value, code=self.code, subject=self.subject, path=self.at(name))

    def object(self, name: str) -> Fields:
        """A nested object."""
        value = self.optional_object(name)
        if value is None:
            raise self.refusal(name, "is missing, expected an object")
        return value

    def array(self, name: str, *, most: int, required: bool = True) -> list[JsonValue]:
        """An array of at most `most` items; where it is not required an absent one is empty."""
        value = self.value.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list):
            raise self.refusal(name, f"is {_kind(value)}, expected an array")
        if len(value) > most:
            raise self.refusal(name, f"has {len(value)} items, expected at most {most}")
        return value

    def objects(self, name: str, *, most: int, required: bool = True) -> list[Fields]:
        """An array of objects."""
        items = self.array(name, most=most, required=required)
        return [
            Fields.of(item, code=self.code, subject=self.subject, path=f"{self.at(name)}[{index}]")
            for index, item in enumerate(items)
        ]

    def texts(self, name: str, *, most: int, required: bool = True) -> tuple[str, ...]:
        """An array of non-empty strings."""
        return tuple(self._item(name, item) for item in self.array(name, most=most, required=required))

    def strings(self, name: str, *, most: int) -> tuple[str, ...]:
        """An array of strings, which may be empty."""
        return tuple(self._string(name, item) for item in self.array(name, most=most))

    def digests(self, name: str, *, most: int) -> tuple[Digest, ...]:
        """An array of digests, each written `algorithm:value`."""
        return tuple(self._digest(name, item) for item in self.texts(name, most=most))

    def text_map(self, *, most: int) -> tuple[tuple[str, str], ...]:
        """This whole object as a map from non-empty strings to non-empty strings, in its order."""
        if len(self.value) > most:
            raise self.refusal("", f"has {len(self.value)} members, expected at most {most}")
        return tuple((self._item("", key), self._item(key, value)) for key, value in self.value.items())

    def _digest(self, name: str, text: str) -> Digest:
        try:
            return Digest.parse(text)
        except ValueError as error:
            raise self.refusal(name, f"is not a digest: {error}") from error

    def _string(self, name: str, value: JsonValue) -> str:
        if not isinstance(value, str):
            raise self.refusal(name, f"holds {_kind(value)}, expected a string")
        return value

    def _item(self, name: str, value: JsonValue) -> str:
        if not isinstance(value, str) or not value:
            raise self.refusal(name, f"holds {_kind(value)}, expected a non-empty string")
        return value


def _kind(value: JsonValue) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string" if value else "an empty string"
        case list():
            return "an array"
        case _:
            return "an object"
