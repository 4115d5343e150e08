"""Records of the Open Source Vulnerability format as YAML: every scalar is text, so that 1.10 is not 1.1.

* one document in UTF-8; no anchors, aliases, tags, directives, merge keys, keys that stand twice or are no scalars
* a line ends where every version of YAML says so
* an empty plain scalar, `~` and `null` stand for what is absent; everything else is the text that stands there
* read event by event, without recursion: what is made is counted, and nesting is bounded

Source: https://yaml.org/spec/1.2.2/; the PyPA's advisory database.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from verifier.core.errors import Refused, refuse
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.opa.yaml import DISPUTED_BREAKS
from verifier.formats.osv.reading import MAX_RECORD_DEPTH, MAX_RECORD_VALUES, bounded, read_record
from verifier.formats.osv.record import Record

_ABSENT: Final = frozenset({"", "~", "null"})
_DIRECTIVE: Final = re.compile(r"^%", re.MULTILINE)


def record_of_yaml(content: bytes, *, subject: str) -> Record:
    """The record in a YAML document; `Refused` (`vulnerability.record-invalid`, `yaml.*`, `json.*`, `input.*`)
    otherwise."""
    return read_record(yaml_tree(content, subject=subject), subject=subject)


def yaml_tree(content: bytes, *, subject: str) -> JsonValue:
    """What stands in a YAML document, of texts, arrays and objects; `Refused` as above."""
    bounded(content, subject)
    try:
        text = str(content, "utf-8")
    except UnicodeDecodeError as error:
        raise refuse("yaml.invalid", subject, f"not UTF-8 at byte {error.start}") from None
    if "%" in text and _DIRECTIVE.search(text):
        # The parser compares each with all others before it says that one is there.
        raise refuse("yaml.unsupported", subject, "a line that begins with '%', as directives do")
    if disputed := DISPUTED_BREAKS.search(text):
        message = (
            f"U+{ord(disputed[0]):04X}, which versions of YAML take for the end of a line, for nothing, or as it is"
        )
        raise refuse("yaml.unsupported", subject, message)
    builder = _Builder(subject)
    try:
        return builder.built(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise refuse("yaml.invalid", subject, f"{getattr(error, 'problem', None) or 'not YAML'}{where}") from None


class _Builder:
    """Makes the value from the parser's events, one at a time."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.root: list[JsonValue] = []
        self.open: list[tuple[Any, str | None]] = []

    def built(self, text: str) -> JsonValue:
        """The one value of `text`."""
        loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        next_event = loader(text).get_event
        current: Any = self.root
        key: str | None = None
        made = 0
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                value: JsonValue = self._scalar(event)
                if type(current) is list:
                    current.append(value)
                elif key is None:
                    key = self._key(event, current)
                    continue
                else:
                    current[key], key = value, None
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                opened: Any = self._opened(event, kind)
                self._put(event, current, key, opened)
                self.open.append((current, None))
                current, key = opened, None
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                current, key = self.open.pop()
                continue
            else:
                self._around(event)
                continue
            made += 1
            if made > MAX_RECORD_VALUES:
                raise refuse("json.too-many-values", self.subject, f"more than {MAX_RECORD_VALUES:,} values")
        if not self.root:
            raise refuse("yaml.invalid", self.subject, "no document where one is expected")
        return self.root[0]

    def _scalar(self, event: yaml.ScalarEvent) -> str | None:
        if event.anchor is not None or event.tag is not None:
            raise self._unsupported(event, "an anchor or a tag")
        text: str = event.value
        return None if text in _ABSENT and event.implicit[0] else text

    def _key(self, event: yaml.ScalarEvent, current: dict[str, JsonValue]) -> str:
        key: str = event.value
        if key == "<<":
            # Other readers take what stands behind it for members of this object.
            raise self._unsupported(event, "a merge key")
        if key in current:
            raise refuse(
                "json.duplicate-key", self.subject, f"the key {key[:100]!r} stands twice at line {_line(event)}"
            )
        return key

    def _opened(self, event: yaml.CollectionStartEvent, kind: type) -> JsonValue:
        if event.anchor is not None or event.tag is not None:
            raise self._unsupported(event, "an anchor or a tag")
        if len(self.open) >= MAX_RECORD_DEPTH:
            raise refuse("json.too-deep", self.subject, f"nested deeper than {MAX_RECORD_DEPTH}")
        return {} if kind is yaml.MappingStartEvent else []

    def _put(self, event: yaml.Event, current: Any, key: str | None, value: JsonValue) -> None:
        if type(current) is list:
            current.append(value)
        elif key is None:
            raise self._unsupported(event, "a key that is not a scalar")
        else:
            current[key] = value

    def _around(self, event: yaml.Event) -> None:
        """Stream and document begin and end, and aliases."""
        if type(event) is yaml.AliasEvent:
            raise self._unsupported(event, "an alias")
        if type(event) is yaml.DocumentStartEvent and (self.root or event.version or event.tags):
            raise self._unsupported(event, "a second document, or a directive")

    def _unsupported(self, event: yaml.Event, what: str) -> Refused:
        return refuse("yaml.unsupported", self.subject, f"{what} at line {_line(event)}")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0
