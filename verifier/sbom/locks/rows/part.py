"""Fields of a row, read one at a time, so that every error names its line.

* a field of another type than the format's is refused with `dependency.lock-invalid`; so are names, versions and
  digests that are none
* names are ASCII: what looks like a known name is not one
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from verifier.core.digest import is_hex
from verifier.core.errors import Refused, refuse
from verifier.formats.bom.component import Hash
from verifier.formats.pypi.names import is_name
from verifier.sbom.locks.rows.document import CODE, at

ALGORITHMS: Final[Mapping[str, tuple[str, int]]] = {
    "md5": ("MD5", 32),
    "sha1": ("SHA-1", 40),
    "sha256": ("SHA-256", 64),
    "sha384": ("SHA-384", 96),
    "sha512": ("SHA-512", 128),
    "sha3_256": ("SHA3-256", 64),
    "sha3_384": ("SHA3-384", 96),
    "sha3_512": ("SHA3-512", 128),
    "blake2b": ("BLAKE2b-512", 128),
}
"""How CycloneDX calls what `hashlib` calls otherwise, and its hex digits."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\Z")
_MAX_NAME: Final = 256
_KINDS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "a boolean"),  # before int: a bool is one
    (int, "a number"),
    (float, "a number"),
    (str, "a string"),
    (list, "an array"),
    (dict, "a table"),
)


class Part:
    """One table or object of a lock, read by its reader; `where` is its key path, `line` where it begins."""

    __slots__ = ("_above", "_key", "line", "path", "values")

    def __init__(self, values: object, *, path: str, line: int = 0, where: str = "", above: Part | None = None) -> None:
        self.path, self.line, self._key, self._above = path, line, where, above
        if not isinstance(values, dict):
            raise self.refusal("", f"is {_kind(values)}, expected a table")
        self.values: dict[str, object] = values

    @property
    def where(self) -> str:
        """The key path, which only errors ask for."""
        above = self._above.where if self._above is not None else ""
        return ".".join(each for each in (above, self._key) if each)

    def refusal(self, key: str, what: str, hint: str = "") -> Refused:
        """What to raise: `what` continues "KEY ..."."""
        name = ".".join(each for each in (self.where, key) if each) or "the file"
        return refuse(CODE, at(self.path, self.line), f"{name} {what}", hint)

    def inner(self, values: object, key: str, line: int = 0) -> Part:
        """A table inside."""
        return Part(values, path=self.path, line=line or self.line, where=key, above=self)

    def text(self, key: str) -> str:
        """An optional string, "" where it is absent."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.refusal(key, f"is {_kind(value)}, expected a string")
        return value

    def required(self, key: str) -> str:
        """A string that must be there, and not empty."""
        value = self.text(key)
        if not value:
            raise self.refusal(key, "is missing")
        return value

    def time(self, key: str) -> datetime | None:
        """An optional time, as TOML writes one or as text, with its offset; UTC where it has none."""
        value = written = self.values.get(key)
        if isinstance(written, str):
            try:
                value = datetime.fromisoformat(written)
            except ValueError:
                raise self.refusal(key, f"is {written[:40]!r}, which is no time") from None
        if value is not None and not isinstance(value, datetime):
            raise self.refusal(key, f"is {_kind(value)}, expected a time")
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value

    def flag(self, key: str) -> bool:
        """An optional boolean."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.refusal(key, f"is {_kind(value)}, expected true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """An optional array of strings."""
        return tuple(self._string(key, each) for each in self.array(key))

    def array(self, key: str) -> list[object]:
        """An optional array."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.refusal(key, f"is {_kind(value)}, expected an array")
        return value

    def table(self, key: str) -> Part:
        """An optional table, an empty one where it is absent."""
        return self.inner(self.values.get(key, {}), key)

    def tables(self, key: str, lines: list[int] | None = None) -> list[Part]:
        """An optional array of tables; `lines` are those on which each begins."""
        items = self.array(key)
        return [
            self.inner(each, f"{key}[{number}]", lines[number] if lines else 0) for number, each in enumerate(items)
        ]

    def name(self, key: str = "name") -> str:
        """A package's name."""
        return self.checked_name(self.required(key), key)

    def checked_name(self, name: str, key: str = "name") -> str:
        """`name` where it is one."""
        if len(name) > _MAX_NAME or not is_name(name):
            look = "; letters of other alphabets look alike" if not name.isascii() else ""
            raise self.refusal(key, f"is {name[:100]!r}, which is no package's name{look}")
        return name

    def version(self, key: str = "version") -> str | None:
        """A package's version as written, None where it is absent."""
        if key not in self.values:
            return None
        return self.checked_version(self.required(key), key)

    def checked_version(self, version: str, key: str = "version") -> str:
        """`version` where it may be one: whether an ecosystem orders it, is for others to say."""
        if len(version) > _MAX_NAME or not _VERSION.match(version):
            raise self.refusal(key, f"is {version[:100]!r}, which is no version")
        return version

    def digest(self, written: str, key: str = "hash") -> Hash:
        """A digest that is written `algorithm:hex`."""
        algorithm, separator, value = written.partition(":")
        if not separator:
            raise self.refusal(key, f"is {written[:100]!r}; a digest is written algorithm:hex")
        return self.hash(algorithm, value, key)

    def hash(self, algorithm: str, value: str, key: str = "hash") -> Hash:
        """A digest by its algorithm, as `hashlib` calls it."""
        known = ALGORITHMS.get(algorithm.lower().replace("-", "_"))
        if known is None:
            raise self.refusal(key, f"is by {algorithm[:40]!r}; known are {', '.join(ALGORITHMS)}")
        name, size = known
        value = value.lower()
        if len(value) != size or not is_hex(value):
            seen = f"{len(value)} characters" if len(value) != size else "other characters"
            raise self.refusal(key, f"is no {name} digest: that is {size} hex digits, not {seen}")
        return Hash(name, value)

    def _string(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.refusal(key, f"holds {_kind(value)}, expected a string")
        return value


def newest_upload(files: Iterable[Part], key: str = "upload-time") -> datetime | None:
    """When the newest of these files was uploaded; None where one of them, or there is none, does not say."""
    times = [each.time(key) for each in files]
    known = [each for each in times if each is not None]
    return max(known) if known and len(known) == len(times) else None


def _kind(value: object) -> str:
    return next((said for kind, said in _KINDS if isinstance(value, kind)), "a date or nothing")
