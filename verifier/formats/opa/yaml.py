"""The subset of YAML whose meaning no reader disputes, as the JSON that OPA makes of it.

* one document, without anchors, aliases, tags, directives, merge keys, duplicate keys or keys that are not strings
* a plain scalar is a number, a boolean, null or a string only where YAML 1.1, YAML 1.2 and JSON agree on it
* a fraction is taken only as Go would write it back, so that its source text is the text that OPA hashes
* a line ends where every version says so
* nesting is bounded, and parsed without recursion

Source: YAML 1.1, YAML 1.2.2 section 10; OPA `internal/yaml` (go-yaml v3), `sigs.k8s.io/yaml` (go-yaml v2) before 1.18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import EVENT
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_JSON_DEPTH
from verifier.formats.json.strict_json import JsonValue, ParsedJson
from verifier.formats.json.structure import pay_for_text, pay_for_width

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,19})\Z")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]\Z")
_DISPUTED = re.compile(
    r"""
      [-+]?(?: 0[xob][-+]?[0-9a-f_]+ | [0-9][0-9_]*(?:\.[0-9_]*)? | \.[0-9_]+ )(?:e[-+]?[0-9_]*)? \Z
    | [-+]?[0-9][0-9_]*(?::[0-9_]+)+(?:\.[0-9_]*)? \Z     # base 60
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:\Z|[Tt\s])         # a date in YAML 1.1, in Go with a time of day
    | [-+]?\.(?:inf|nan)\Z
    | (?:y|n|yes|no|on|off|true|false|null|<<|=)\Z
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMERIC = frozenset("+-.0123456789")
"""What a number begins with, as YAML's readers in Go decide it."""
_DIRECTIVE = re.compile(r"(?:\A|[\r\n])%")
_MAX_DIRECTIVES = 16
DISPUTED_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
"""What some readers of YAML take for the end of a line, or for nothing."""
_CONSTANTS: dict[str, JsonValue] = {"true": True, "false": False, "null": None, "~": None, "": None}


def parse(
    data: bytes | memoryview, *, subject: str, max_depth: int = MAX_JSON_DEPTH, budget: Budget | None = None
) -> ParsedJson:
    """The value of one YAML document; `Refused` with a `yaml.*` code for what is malformed or disputed.

    What it makes is paid from `budget`, event by event, or from one of its own.
    """
    budget = Budget(sent=len(data)) if budget is None else budget
    pay_for_text(data, budget, subject)
    pay_for_width(data, budget, subject)
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError as error:
        raise refuse("yaml.invalid", subject, f"not UTF-8 at byte {error.start}") from None
    if disputed := DISPUTED_BREAKS.search(text):
        message = f"U+{ord(disputed[0]):04X}, which YAML 1.1 takes for the end of a line and YAML 1.2 does not"
        raise refuse("yaml.unsupported", subject, message)
    if len(_DIRECTIVE.findall(text)) > _MAX_DIRECTIVES:
        # A document with one is refused, but the parser compares each with all others before it says that it is there.
        message = f"more than {_MAX_DIRECTIVES} lines that begin as directives do, with '%'"
        raise refuse("yaml.unsupported", subject, message)
    builder = _Builder(subject=subject, max_depth=max_depth, budget=budget)
    for event in _events(text, subject):
        builder.take(event)
    return ParsedJson(value=builder.finish(), plain=True)


def _events(text: str, subject: str) -> Iterator[yaml.Event]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise refuse("yaml.invalid", subject, f"{getattr(error, 'problem', None) or 'not YAML'}{where}") from None
    except RecursionError:
        raise refuse("json.too-deep", subject, "nested deeper than the stack allows") from None


class _Builder:
    """Makes the value from the parser's events, one at a time, with an explicit stack."""

    def __init__(self, *, subject: str, max_depth: int, budget: Budget) -> None:
        self._budget = budget
        self._subject = subject
        self._max_depth = max_depth
        self._documents = 0
        self._root: list[JsonValue] = []
        # Each open collection with the key that waits for its value; only a mapping has keys.
        self._open: list[tuple[dict[str, JsonValue] | list[JsonValue], list[str]]] = [(self._root, [])]

    def take(self, event: yaml.Event) -> None:
        if getattr(event, "anchor", None) is not None:
            raise self._unsupported(event, "anchors and aliases")
        if getattr(event, "tag", None) is not None:
            raise self._unsupported(event, "tags")
        self._budget.spend(EVENT, subject=self._subject)
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case yaml.MappingStartEvent():
                self._enter(event, {})
            case yaml.SequenceStartEvent():
                self._enter(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.ScalarEvent():
                self._scalar(event)
            case _:
                pass

    def finish(self) -> JsonValue:
        if len(self._root) != 1:
            raise refuse("yaml.invalid", self._subject, "no document where one is expected")
        return self._root[0]

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._unsupported(event, "a second document")
        if event.version or event.tags:
            raise self._unsupported(event, "directives")

    def _enter(self, event: yaml.Event, collection: dict[str, JsonValue] | list[JsonValue]) -> None:
        if len(self._open) > self._max_depth:
            raise refuse("json.too-deep", self._subject, f"nested deeper than {self._max_depth}")
        self._put(event, collection)
        self._open.append((collection, []))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        value = self._resolve(event) if event.implicit[0] else event.value
        self._put(event, value)

    def _put(self, event: yaml.Event, value: JsonValue) -> None:
        collection, waiting = self._open[-1]
        if isinstance(collection, list):
            collection.append(value)
        elif waiting:
            collection[waiting.pop()] = value
        elif not isinstance(value, str):
            raise self._unsupported(event, "a key that is not a string")
        elif value in collection:
            raise self._unsupported(event, f"the duplicate key {value!r}")
        else:
            waiting.append(value)

    def _resolve(self, event: yaml.ScalarEvent) -> JsonValue:
        text: str = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.match(text) and -(1 << 63) <= int(text) < 1 << 63:
            return int(text)
        # Python and Go both write the shortest digits; below 1e-4 and from 1e16 on Python writes an exponent, and
        # the comparison fails as it should.
        if _FRACTION.match(text) and repr(float(text)) == text:
            return float(text)
        # Go's readers take a number's underscores out before they look at it, wherever they stand.
        if _DISPUTED.match(text) or (text[0] in _NUMERIC and _DISPUTED.match(text.replace("_", ""))):
            raise self._unsupported(event, f"the plain scalar {text[:40]!r}, whose type readers dispute")
        return text

    def _unsupported(self, event: yaml.Event, what: str) -> Refused:
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        return refuse("yaml.unsupported", self._subject, f"{what} at line {line}")
