"""One JSON value, one meaning: RFC 8259 in UTF-8, with everything refused that readers take differently.

* duplicate keys, lone surrogates, NaN and Infinity, a byte order mark and trailing bytes are refused
* nesting is bounded by counting, before parsing: no caller's stack decides
* a document is read the quick way only where that provably loses nothing: no key stands twice
* a number whose Python form is not its source text keeps that text (`LiteralFloat`, `LiteralInt`), because OPA's
  digests are made of source texts
* a key that Go would take for a known one (`Revision`, `revi\u017fion`) is refused where it is looked for
* `loads_like_go` takes what OPA takes instead, and says for each difference that it did

Source: RFC 8259; Go `encoding/json` (`decode.go`, `fold.go`); formats/opa-bundle.md section 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import accumulate, islice
from typing import TypeAlias

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_FINDINGS, MAX_JSON_DEPTH, MAX_JSON_VALUES
from verifier.core.outcome import Reason
from verifier.core.value import Value

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

_BLANK = " \t\r\n"
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_SURROGATE = rf"(?s)(?P<pair>{_HIGH}{_LOW})|(?P<lone>{_HIGH}|{_LOW})|\\."  # compiled once a document has one
_MAYBE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_NOT_OPENING = bytes(set(range(256)) - set(b'[{,"'))
_NOT_COLON = bytes(set(range(256)) - set(b':"'))
_TEXT = re.compile(rb'"[^"]*"')
_DELTA = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1, ord('"'): 0}
_UNDECODED = re.compile("[\udc80-\udcff]")
_GO_FOLDS = {0x17F: "s", 0x212A: "k"}
"""The characters beyond ASCII that Go's `SimpleFold` equates with ASCII letters: U+017F and the Kelvin sign."""


class LiteralFloat(float):
    """A number that Python would write differently; `literal` is how its source wrote it."""

    __slots__ = ("literal",)
    literal: str


class LiteralInt(int):
    """`-0`: an integer that Python would write differently; `literal` is how its source wrote it."""

    literal: str


class ParsedJson(Value):
    """A parsed value: `plain` when every number in it is written as Python writes it, `values` at most how many
    values it consists of."""

    value: JsonValue
    plain: bool
    values: int = 0


def loads(data: bytes | memoryview, *, subject: str, max_depth: int = MAX_JSON_DEPTH) -> JsonValue:
    """The value of a strict document; `Refused` with a `json.*` code for anything else."""
    return parse(data, subject=subject, max_depth=max_depth).value


def loads_like_go(
    data: bytes | memoryview,
    *,
    subject: str,
    max_depth: int,
    findings: list[Reason],
    ignore_trailing: bool = True,
) -> JsonValue:
    """The value that Go's decoder makes, as OPA uses it; `findings` gains a warning for each difference.

    `ignore_trailing` is for what OPA reads with a decoder (manifest, signatures, patch) rather than whole (data).
    """
    return parse_like_go(
        data, subject=subject, max_depth=max_depth, findings=findings, ignore_trailing=ignore_trailing
    ).value


def parse(
    data: bytes | memoryview, *, subject: str, max_depth: int = MAX_JSON_DEPTH, max_values: int = MAX_JSON_VALUES
) -> ParsedJson:
    """`loads`, with what a digest needs to know of it."""
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError as error:
        raise refuse("json.invalid", subject, f"not UTF-8 at byte {error.start}") from None
    if _lone_surrogates(text):
        raise refuse("json.invalid", subject, "a \\u escape of half a surrogate pair, which is not a character")
    values = _bounded(text, subject=subject, max_depth=max_depth, max_values=max_values)
    hooks = _Hooks(subject=subject, findings=None)
    value, end = _scan(text, hooks)
    if end != len(text):
        raise refuse("json.trailing-data", subject, f"the value ends at character {end}, the text at {len(text)}")
    return ParsedJson(value=value, plain=hooks.plain, values=values)


def parse_like_go(
    data: bytes | memoryview,
    *,
    subject: str,
    max_depth: int,
    findings: list[Reason],
    ignore_trailing: bool,
    max_values: int = MAX_JSON_VALUES,
) -> ParsedJson:
    """`loads_like_go`, with what a digest needs to know of it."""
    text = str(data, "utf-8", "surrogateescape")
    seen: list[str] = []
    if _UNDECODED.search(text):
        text = _UNDECODED.sub("\ufffd", text)
        seen.append("bytes that are not UTF-8, which OPA replaces by U+FFFD")
    if _lone_surrogates(text):
        text = re.sub(_SURROGATE, lambda match: "\ufffd" if match["lone"] else match[0], text)
        seen.append("half a surrogate pair, which OPA replaces by U+FFFD")
    findings.extend(Reason(code="json.invalid", subject=subject, message=what).as_warning() for what in seen)
    values = _bounded(text, subject=subject, max_depth=max_depth, max_values=max_values)
    hooks = _Hooks(subject=subject, findings=findings)
    value, end = _scan(text, hooks)
    if end != len(text):
        trailing = refuse("json.trailing-data", subject, f"the value ends at character {end}, the text at {len(text)}")
        if not ignore_trailing:
            raise trailing
        findings.append(trailing.reasons[0].as_warning())
    return ParsedJson(value=value, plain=hooks.plain, values=values)


def folds_to(key: str, known: frozenset[str]) -> str | None:
    """The known name that Go would take `key` for without being it, or None."""
    if key in known:
        return None
    folded = key.translate(_GO_FOLDS).lower()
    return next((name for name in known if name.lower() == folded), None)


def refuse_case_variants(value: Mapping[str, JsonValue], known: frozenset[str], *, subject: str) -> None:
    """Refuse keys that Go's case-insensitive struct decoding takes for one of `known`."""
    variants = ((key, name) for key in value if (name := folds_to(key, known)) is not None)
    reasons = [
        Reason(code="json.case-variant-key", subject=subject, message=f"the key {key!r} would be read as {name!r}")
        for key, name in islice(variants, MAX_FINDINGS)
    ]
    if reasons:
        raise Refused(*reasons)


class _Hooks:
    """What the C scanner calls back, and what it then knows of the document."""

    def __init__(self, *, subject: str, findings: list[Reason] | None) -> None:
        self.subject = subject
        self.findings = findings
        self.plain = True
        self.kept = 0

    def count(self, mapping: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Count the members that an object kept: of equal keys, the scanner keeps the last."""
        self.kept += len(mapping)
        return mapping

    def pairs(self, pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        value = dict(pairs)
        if len(value) != len(pairs):
            value = self._last_wins(pairs)
        return value

    def _last_wins(self, pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {}
        for key, member in pairs:
            if key in value:
                # Reinserted, so that the order of keys is the one in which they have the last word.
                del value[key]
                self._differs("json.duplicate-key", f"the key {key[:100]!r} stands twice in one object")
            value[key] = member
        return value

    def fraction(self, literal: str) -> float:
        number = float(literal)
        if repr(number) == literal:
            return number
        if number in (float("inf"), float("-inf")):
            self._differs("json.invalid", f"the number {literal[:40]} is beyond what readers can hold")
        self.plain = False
        kept = LiteralFloat(number)
        kept.literal = literal
        return kept

    def integer(self, literal: str) -> int:
        if literal != "-0":
            return int(literal)
        self.plain = False
        kept = LiteralInt(0)
        kept.literal = literal
        return kept

    def constant(self, name: str) -> None:
        raise refuse("json.invalid", self.subject, f"{name} is not JSON")

    def _differs(self, code: str, message: str) -> None:
        """Strictly a refusal, and a warning where Go's reading is followed."""
        refused = refuse(code, self.subject, message)
        if self.findings is None:
            raise refused
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(refused.reasons[0].as_warning())


def _scan(text: str, hooks: _Hooks) -> tuple[JsonValue, int]:
    """The first value of `text`, and where it and the blanks behind it end."""
    start = len(text) - len(text.lstrip(_BLANK)) if text[:1] in _BLANK else 0
    try:
        value, end = _quickly(text, start, hooks) or _decoder(text, hooks, hooks.pairs).raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise refuse("json.invalid", hooks.subject, f"not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:
        # The only other one: Python's own bound on the digits of an integer.
        raise refuse("json.invalid", hooks.subject, "an integer with more digits than readers can hold") from None
    except RecursionError:
        raise refuse("json.too-deep", hooks.subject, "nested deeper than the stack allows") from None
    if end != len(text):
        end += len(text) - end - len(text[end:].lstrip(_BLANK))
    return value, end


def _quickly(text: str, start: int, hooks: _Hooks) -> tuple[JsonValue, int] | None:
    """The value where it is whole and no key stands twice, else None: then the slow way says what is wrong."""
    if hooks.findings is not None:
        return None
    try:
        value, end = _decoder(text, hooks, None).raw_decode(text, start)
    except (Refused, ValueError, RecursionError):
        return None
    # Every member has its colon outside of strings. As many colons as members were kept: none was overwritten.
    whole = text.count(":") == hooks.kept or _skeleton(text, _NOT_COLON).count(b":") == hooks.kept
    return (value, end) if whole else None


def _decoder(text: str, hooks: _Hooks, pairs: Callable[..., JsonValue] | None) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_hook=hooks.count,
        object_pairs_hook=pairs,
        parse_float=hooks.fraction,
        # The C scanner makes integers faster than any hook; only "-0" loses its text.
        parse_int=hooks.integer if "-" in text and "-0" in text else None,
        parse_constant=hooks.constant,
    )


def _lone_surrogates(text: str) -> bool:
    if "\\" not in text or not _MAYBE_SURROGATE.search(text):
        return False
    return any(match["lone"] for match in re.finditer(_SURROGATE, text))


def _bounded(text: str, *, subject: str, max_depth: int, max_values: int) -> int:
    """At most how many values `text` has; refused where these, or its nesting, exceed a bound."""
    opening = text.count("[") + text.count("{")
    values = 1 + text.count(",") + opening
    if values > max_values:
        # One, and one more for each comma and opening bracket outside strings.
        values = 1 + len(_skeleton(text, _NOT_OPENING))
    if values > max_values:
        raise refuse("json.too-many-values", subject, f"about {values} values; at most {max_values} are allowed")
    if text.startswith("\ufeff"):
        raise refuse("json.invalid", subject, "a byte order mark before the value")
    if opening > max_depth and _deeper_than(text, max_depth):
        raise refuse("json.too-deep", subject, f"arrays and objects are nested deeper than {max_depth}")
    return values


def _deeper_than(text: str, limit: int) -> bool:
    """Whether the nesting of `text` exceeds `limit`; exact for JSON, and whatever is not JSON fails later."""
    skeleton = _skeleton(text, _NOT_BRACKETS)
    if skeleton.count(b"[") + skeleton.count(b"{") <= limit:
        return False
    return any(level > limit for level in accumulate(map(_DELTA.__getitem__, skeleton)))


def _skeleton(text: str, others: bytes) -> bytes:
    """The structure of `text` without its strings and without the bytes `others`."""
    bare = _ESCAPE.sub("", text) if "\\" in text else text
    # Taking out two neighbouring quotes keeps what stands inside a string there.
    structure = bare.encode("utf-8", "replace").translate(None, others).replace(b'""', b"")
    return _TEXT.sub(b"", structure) if b'"' in structure else structure
