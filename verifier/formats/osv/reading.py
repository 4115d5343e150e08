"""Records of the Open Source Vulnerability format: JSON to values, strictly where something follows from it.

* what decides whether a version is affected is as the schema has it, or the record is refused: one key an event,
  never `fixed` beside `last_affected` in one range, at least one `introduced`, no unknown events, types, major versions
* a record without `affected` is refused unless it is withdrawn: nobody knows what it is about
* ids, names and versions are printable and bounded; a version that no order defines is for `audit.matching` to judge
* a key that a reader in Go would take for a known one is refused; every other unknown key is an extension, and is left
* `null` stands for what is absent, as Go's encoders write it

Source: https://ossf.github.io/osv-schema/ (1.x); formats/audit.md sections 2, 8 and 11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import parse_rfc3339
from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.formats.json.strict_json import JsonValue, parse, refuse_case_variants
from verifier.formats.osv.digest import digest_of
from verifier.formats.osv.ecosystems import ECOSYSTEMS
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record, Severity

CODE: Final = "vulnerability.record-invalid"
MAX_RECORD_BYTES: Final = 10 * 1024 * 1024
"""Bytes of one record: the largest that are published have about one."""
MAX_RECORD_DEPTH: Final = 64
MAX_RECORD_VALUES: Final = 500_000
"""Values in one record, whatever they are."""
MAX_AFFECTED: Final = 50_000
MAX_EVENTS: Final = 120_000
"""Events in all ranges of one record."""
MAX_TEXTS: Final = 10_000
"""Aliases, scores and references of one record."""
MAX_ID: Final = 256
MAX_NAME: Final = 1_024
"""Characters of a name, an ecosystem, a version, a commit."""

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*\Z")
_SCHEMA: Final = re.compile(r"1(?:\.\d{1,9}){0,2}(?:[-+][0-9A-Za-z.-]+)?\Z", re.ASCII)
_TOP: Final = frozenset(
    {
        *("schema_version", "id", "modified", "published", "withdrawn", "aliases", "related", "upstream", "summary"),
        *("details", "severity", "affected", "references", "credits", "database_specific"),
    }
)
_ENTRY: Final = frozenset(
    {"package", "severity", "ranges", "versions", "ecosystem_specific", "database_specific"},
)
_PACKAGE: Final = frozenset({"ecosystem", "name", "purl"})
_RANGE: Final = frozenset({"type", "repo", "events", "database_specific"})
_EVENTS: Final = frozenset({"introduced", "fixed", "last_affected", "limit"})
_TYPES: Final = frozenset({"SEMVER", "ECOSYSTEM", "GIT"})
_KNOWN: Final = {name.lower(): name for name in ECOSYSTEMS}
_WORDS: Final = {"low": "low", "moderate": "medium", "medium": "medium", "high": "high", "critical": "critical"}
"""What databases call severities, and what that is here."""


def record_of_json(content: bytes, *, subject: str, budget: Budget | None = None) -> Record:
    """The record in a JSON document; `Refused` (`vulnerability.record-invalid`, `json.*`, `input.*`) otherwise.

    A document of more than 32 KB is paid from `budget`, or from one of its own.
    """
    bounded(content, subject)
    parsed = parse(content, subject=subject, max_depth=MAX_RECORD_DEPTH, max_values=MAX_RECORD_VALUES, budget=budget)
    return read_record(parsed.value, subject=subject)


def bounded(content: bytes, subject: str) -> None:
    """Refuse what is larger than a record may be."""
    if len(content) > MAX_RECORD_BYTES:
        message = f"{len(content):,} bytes, expected at most {MAX_RECORD_BYTES:,} for one record"
        raise refuse("input.too-large", subject, message)


def read_record(tree: JsonValue, *, subject: str, digest: str = "") -> Record:
    """The record in `tree`, a JSON value; `Refused` (`vulnerability.record-invalid`) names what is not right.

    `digest` is `writing.digest_of` it, for whoever has it.
    """
    return _Reading(subject).record(tree, digest)


class _Reading:
    """Reads one record; counts what it makes."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.events = 0

    def record(self, tree: JsonValue, digest: str) -> Record:
        top = self._object(tree, "the record")
        self._no_variants(top, _TOP)
        self._schema(top.get("schema_version"))
        identifier = top.get("id")
        if not isinstance(identifier, str) or len(identifier) > MAX_ID or not ID.match(identifier):
            raise self._refusal(
                "id", identifier, "an identifier of letters, digits and . _ : -, which begins with a letter or digit"
            )
        if top.get("modified") is None:
            raise self._refusal("modified", None, "an RFC 3339 time")
        modified, withdrawn = self._moment(top, "modified"), self._moment(top, "withdrawn")
        specific = top.get("database_specific")
        return Record(
            id=identifier,
            modified=modified or datetime.max,
            published=self._moment(top, "published"),
            withdrawn=withdrawn,
            aliases=self._names(top, "aliases"),
            related=self._names(top, "related"),
            summary=self._text(top, "summary"),
            details=self._text(top, "details"),
            affected=self._affected(top, withdrawn),
            severity=self._severities(top, ""),
            database_severity=word_of(specific.get("severity")) if isinstance(specific, dict) else "",
            references=self._references(top),
            digest=digest or digest_of(top),
        )

    def _schema(self, version: JsonValue) -> None:
        if version is not None and not (isinstance(version, str) and _SCHEMA.match(version)):
            raise self._refusal("schema_version", version, "a version 1.x of the OSV schema")

    def _affected(self, top: Mapping[str, JsonValue], withdrawn: datetime | None) -> tuple[AffectedPackage, ...]:
        items = self._array(top, "affected", "", MAX_AFFECTED)
        if not items and withdrawn is None:
            raise self._refusal("affected", top.get("affected"), "what the record is about")
        return tuple([self._entry(item, f"affected[{index}]") for index, item in enumerate(items)])

    def _entry(self, item: JsonValue, path: str) -> AffectedPackage:
        entry = self._object(item, path)
        self._no_variants(entry, _ENTRY)
        ecosystem = release = name = ""
        if entry.get("package") is not None:
            package = self._object(entry["package"], f"{path}.package")
            self._no_variants(package, _PACKAGE)
            written = self._name(package.get("ecosystem"), f"{path}.package.ecosystem")
            name = self._name(package.get("name"), f"{path}.package.name")
            ecosystem, release = self._ecosystem(written, f"{path}.package.ecosystem")
        ranges = self._array(entry, "ranges", path, MAX_EVENTS)
        return AffectedPackage(
            ecosystem=ecosystem,
            name=name,
            release=release,
            ranges=tuple([self._range(each, f"{path}.ranges[{index}]") for index, each in enumerate(ranges)]),
            versions=self._versions(entry, path),
            severity=self._severities(entry, path),
        )

    def _ecosystem(self, written: str, path: str) -> tuple[str, str]:
        """An ecosystem, and what stands behind its colon. One that only looks like a known one would match nothing."""
        ecosystem, _, release = written.partition(":")
        known = _KNOWN.get(ecosystem.strip().lower(), ecosystem)
        if not ecosystem or known != ecosystem:
            raise self._refusal(path, written, repr(known) if ecosystem else "an ecosystem before the colon")
        return ecosystem, release

    def _versions(self, entry: Mapping[str, JsonValue], path: str) -> tuple[str, ...]:
        items: Any = self._array(entry, "versions", path, MAX_RECORD_VALUES)
        try:
            sound = "".join(items).isprintable() and all(items) and max(map(len, items), default=0) <= MAX_NAME
        except TypeError:
            sound = False
        if not sound:
            # Only one by one can it be said which of them is not.
            for index, item in enumerate(items):
                self._name(item, f"{path}.versions[{index}]")
        return tuple(items)

    def _range(self, item: JsonValue, path: str) -> Range:
        given = self._object(item, path)
        self._no_variants(given, _RANGE)
        kind = given.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise self._refusal(f"{path}.type", kind, "SEMVER, ECOSYSTEM or GIT")
        items = self._array(given, "events", path, MAX_EVENTS)
        self.events += len(items)
        if self.events > MAX_EVENTS:
            raise refuse(CODE, self.subject, f"{path}.events: more than {MAX_EVENTS:,} events in all ranges")
        events = tuple([self._event(each, path, index) for index, each in enumerate(items)])
        kinds = {each.kind for each in events}
        if "introduced" not in kinds:
            raise self._refusal(f"{path}.events", items or None, "at least one `introduced`")
        if "fixed" in kinds and "last_affected" in kinds:
            raise self._refusal(f"{path}.events", items, "`fixed` or `last_affected`, not both in one range")
        return Range(kind, events)  # type: ignore[arg-type]  # it is one of the three

    def _event(self, item: JsonValue, path: str, index: int) -> Event:
        if isinstance(item, dict) and len(item) == 1:
            ((kind, version),) = item.items()
            if kind in _EVENTS:
                if not _is_name(version):
                    self._name(version, f"{path}.events[{index}].{kind}")
                return Event(kind, version)  # type: ignore[arg-type]  # it is one of the four, and a text
        expected = "an object with exactly one of introduced, fixed, last_affected and limit"
        raise self._refusal(f"{path}.events[{index}]", item, expected)

    def _severities(self, given: Mapping[str, JsonValue], path: str) -> tuple[Severity, ...]:
        if given.get("severity") is None:
            return ()
        at = f"{path}.severity" if path else "severity"
        return tuple(
            [
                self._severity(self._object(item, f"{at}[{index}]"), f"{at}[{index}]")
                for index, item in enumerate(self._array(given, "severity", path, MAX_TEXTS))
            ]
        )

    def _severity(self, item: Mapping[str, JsonValue], path: str) -> Severity:
        kind, score = item.get("type"), item.get("score")
        if isinstance(score, int | float) and not isinstance(score, bool):
            score = repr(score)  # some write a number: it is no vector, which is for who rates it to say
        for name, value in (("type", kind), ("score", score)):
            if not isinstance(value, str):
                raise self._refusal(f"{path}.{name}", value, "a text")
        return Severity(str(kind), str(score))

    def _references(self, top: Mapping[str, JsonValue]) -> tuple[str, ...]:
        if top.get("references") is None:
            return ()
        urls = []
        for index, item in enumerate(self._array(top, "references", "", MAX_TEXTS)):
            url = self._object(item, f"references[{index}]").get("url")
            if not isinstance(url, str):
                raise self._refusal(f"references[{index}].url", url, "a URL")
            urls.append(url)
        return tuple(urls)

    def _names(self, given: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
        if given.get(name) is None:
            return ()
        items = self._array(given, name, "", MAX_TEXTS)
        return tuple([self._name(item, f"{name}[{index}]", MAX_ID) for index, item in enumerate(items)])

    def _name(self, value: JsonValue, path: str, most: int = MAX_NAME) -> str:
        if not _is_name(value, most):
            raise self._refusal(path, value, f"a text of 1 to {most} printable characters")
        return value  # type: ignore[return-value]  # it is a text

    def _text(self, given: Mapping[str, JsonValue], name: str) -> str:
        value = given.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._refusal(name, value, "a text")
        return value

    def _moment(self, given: Mapping[str, JsonValue], name: str) -> datetime | None:
        value = given.get(name)
        if value is None:
            return None
        try:
            return parse_rfc3339(value)  # type: ignore[arg-type]  # what is no text is a TypeError
        except (TypeError, ValueError):
            raise self._refusal(name, value, "an RFC 3339 time") from None

    def _no_variants(self, given: Mapping[str, JsonValue], known: frozenset[str]) -> None:
        if not given.keys() <= known:
            refuse_case_variants(given, known, subject=self.subject)

    def _array(self, given: Mapping[str, JsonValue], name: str, path: str, most: int) -> list[JsonValue]:
        value = given.get(name)
        if value is None:
            return []
        if isinstance(value, list) and len(value) <= most:
            return value
        at = f"{path}.{name}" if path else name
        if not isinstance(value, list):
            raise self._refusal(at, value, "an array")
        raise refuse(CODE, self.subject, f"{at} has {len(value):,} items, expected at most {most:,}")

    def _object(self, value: JsonValue, path: str) -> Mapping[str, JsonValue]:
        if not isinstance(value, dict):
            raise self._refusal(path, value, "an object")
        return value

    def _refusal(self, path: str, seen: Any, expected: str) -> Refused:
        return refuse(CODE, self.subject, f"{path} is {_shown(seen)}, expected {expected}")


def _is_name(value: JsonValue, most: int = MAX_NAME) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _shown(value: JsonValue) -> str:
    """A value in a message: short, whatever it is."""
    match value:
        case None:
            return "missing"
        case str():
            return repr(value) if len(value) <= 80 else f"{value[:80]!r}… of {len(value):,} characters"
        case list():
            return f"an array of {len(value):,}"
        case dict():
            return f"an object with {', '.join(repr(key[:40]) for key in list(value)[:4]) or 'nothing'}"
        case _:
            return f"{value!r:.80}"


def word_of(value: JsonValue) -> str:
    """What a database's word for a severity is here; "" for any other."""
    return _WORDS.get(value.lower(), "") if isinstance(value, str) else ""
