"""One JSON value, one meaning: RFC 8259 in UTF-8, with everything refused that readers take differently.

* duplicate keys, lone surrogates, NaN and Infinity, a byte order mark and trailing bytes are refused
* nesting is bounded by counting, before parsing: no caller's stack decides
* a document is read the quick way only where that provably loses nothing: no key stands twice
* a number whose Python form is not its source text keeps that text (`LiteralFloat`, `LiteralInt`), because OPA's
  digests are made of source texts
* a key that Go would take for a known one (`Revision`, `revi\u017fion`) is refused where it is looked for
* `parse_like_go` takes what OPA takes instead, and says for each difference that it did

Source: RFC 8259; Go `encoding/json` (`decode.go`, `fold.go`); formats/opa-bundle.md section 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_FINDINGS, MAX_JSON_DEPTH, MAX_JSON_VALUES, MAX_NUMBER
from verifier.core.outcome import Reason
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget
    from verifier.formats.json.structure import Counts

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

FREE: Final = 32 * 1024
"""Bytes of a document that is read without counting what it makes: at most a mebibyte."""
_BLANK = " \t\r\n"
_MAYBE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
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


_MINUS_ZERO = LiteralInt(0)
_MINUS_ZERO.literal = "-0"


class ParsedJson(Value):
    """A parsed value: `plain` when every number in it is written as Python writes it, `values` at most how many
    values it consists of."""

    value: JsonValue
    plain: bool
    values: int = 0


def loads(
    data: bytes | memoryview, *, subject: str, max_depth: int = MAX_JSON_DEPTH, budget: Budget | None = None
) -> JsonValue:
    """The value of a strict document; `Refused` with a `json.*` code for anything else. `parse` says who pays."""
    return parse(data, subject=subject, max_depth=max_depth, budget=budget).value


def parse(
    data: bytes | memoryview,
    *,
    subject: str,
    max_depth: int = MAX_JSON_DEPTH,
    max_values: int = MAX_JSON_VALUES,
    budget: Budget | None = None,
) -> ParsedJson:
    """`loads`, with what a digest needs to know of it. What it makes is paid from `budget`, or from one of its own."""
    budget = _budget(data, budget)
    text = _decoded(data, budget, subject)
    if text is None:
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError as error:
            raise refuse("json.invalid", subject, f"not UTF-8 at byte {error.start}") from None
    if _lone_surrogates(text):
        raise refuse("json.invalid", subject, "a \\u escape of half a surrogate pair, which is not a character")
    hooks = _Hooks(subject=subject, findings=None)
    counts = _bounded(data, text, hooks, max_depth=max_depth, max_values=max_values, budget=budget)
    value, end = _scan(data, text, hooks, counts, budget)
    if end != len(text):
        raise refuse("json.trailing-data", subject, f"the value ends at character {end}, the text at {len(text)}")
    return ParsedJson(value=value, plain=hooks.plain, values=_values(counts))


def parse_like_go(
    data: bytes | memoryview,
    *,
    subject: str,
    max_depth: int,
    findings: list[Reason],
    ignore_trailing: bool = True,
    max_values: int = MAX_JSON_VALUES,
    budget: Budget | None = None,
) -> ParsedJson:
    """The value that Go's decoder makes, as OPA uses it; `findings` gains a warning for each difference.

    `ignore_trailing` is for what OPA reads with a decoder (manifest, signatures, patch) rather than whole (data).
    """
    budget = _budget(data, budget)
    text = _decoded(data, budget, subject)
    if text is None:
        text = str(data, "utf-8", "surrogateescape")
    if _lone_surrogates(text) or _UNDECODED.search(text):
        from verifier.formats.json import go_text  # noqa: PLC0415 - few documents are so broken

        text = go_text.repaired(text, budget, subject, findings)
    hooks = _Hooks(subject=subject, findings=findings)
    counts = _bounded(data, text, hooks, max_depth=max_depth, max_values=max_values, budget=budget)
    value, end = _scan(data, text, hooks, counts, budget)
    if end != len(text):
        message = f"the value ends at character {end}, the text at {len(text)}"
        if not ignore_trailing:
            raise refuse("json.trailing-data", subject, message)
        _note(findings, Reason(code="json.trailing-data", subject=subject, message=message).as_warning())
    return ParsedJson(value=value, plain=hooks.plain, values=_values(counts))


def folds_to(key: str, known: frozenset[str]) -> str | None:
    """The known name that Go would take `key` for without being it, or None."""
    if key in known:
        return None
    return _by_folded(known).get(key.lower() if key.isascii() else key.translate(_GO_FOLDS).lower())


@lru_cache(maxsize=64)
def _by_folded(known: frozenset[str]) -> Mapping[str, str]:
    return {name.lower(): name for name in known}


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
        if len(literal) > MAX_NUMBER:
            message = f"a number of {len(literal)} characters; at most {MAX_NUMBER} are read"
            raise refuse("json.invalid", self.subject, message)
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
        return _MINUS_ZERO

    def constant(self, name: str) -> None:
        raise refuse("json.invalid", self.subject, f"{name} is not JSON")

    def _differs(self, code: str, message: str) -> None:
        """Strictly a refusal, and a warning where Go's reading is followed."""
        if self.findings is None:
            raise refuse(code, self.subject, message)
        _note(self.findings, Reason(code=code, subject=self.subject, message=message).as_warning())


def _note(findings: list[Reason], reason: Reason) -> None:
    if len(findings) < MAX_FINDINGS:
        findings.append(reason)


def _budget(data: bytes | memoryview, budget: Budget | None) -> Budget | None:
    """What pays for a document: its verification, or where there is none, and the document is large, itself."""
    if budget is not None or len(data) <= FREE:
        return budget
    from verifier.core.costs import budget as core  # noqa: PLC0415 - small documents alone need none

    return core.Budget(sent=len(data))


def _decoded(data: bytes | memoryview, budget: Budget | None, subject: str) -> str | None:
    """The text where it is ASCII, once it is paid for; None where it is not, and there is room for what it takes."""
    if budget is not None:
        from verifier.formats.json.structure import pay_for_text  # noqa: PLC0415 - as above

        pay_for_text(data, budget, subject)
    try:
        return str(data, "ascii")
    except UnicodeDecodeError:
        if budget is not None:
            from verifier.formats.json.structure import pay_for_width  # noqa: PLC0415 - as above

            pay_for_width(data, budget, subject)
        return None


def _scan(
    data: bytes | memoryview, text: str, hooks: _Hooks, counts: Counts, budget: Budget | None
) -> tuple[JsonValue, int]:
    """The first value of `text`, and where it and the blanks behind it end."""
    start = len(text) - len(text.lstrip(_BLANK)) if text[:1] in _BLANK else 0
    try:
        # A small document alone is read the slow way sooner than it is found to be whole.
        value, end = (budget and _quickly(data, text, start, hooks, counts)) or _slowly(
            text, start, hooks, counts, budget
        )
    except json.JSONDecodeError as error:
        raise refuse(
            "json.invalid", hooks.subject, f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos}"
        ) from None
    except ValueError:
        # Python's own bound on the digits of an integer.
        raise refuse("json.invalid", hooks.subject, "an integer with more digits than readers can hold") from None
    except RecursionError:
        raise refuse("json.too-deep", hooks.subject, "nested deeper than the stack allows") from None
    if end != len(text):
        end += len(text) - end - len(text[end:].lstrip(_BLANK))
    return value, end


def _quickly(
    data: bytes | memoryview, text: str, start: int, hooks: _Hooks, counts: Counts
) -> tuple[JsonValue, int] | None:
    """The value where it is whole and no key stands twice, else None: then the slow way says what is wrong."""
    if hooks.findings is not None:
        return None
    try:
        value, end = _decoder(text, hooks, counts, None).raw_decode(text, start)
    except (Refused, ValueError, RecursionError):
        return None
    # Every member has its colon outside of strings. As many colons as members were kept: none was overwritten.
    if counts[3] == hooks.kept:
        return value, end
    from verifier.formats.json.structure import exact  # noqa: PLC0415 - only where texts have colons

    return (value, end) if exact(data)[3] == hooks.kept else None


def _slowly(text: str, start: int, hooks: _Hooks, counts: Counts, budget: Budget | None) -> tuple[JsonValue, int]:
    """The value by way of each object's pairs."""
    if budget is not None:
        from verifier.core.costs.prices import AGAIN  # noqa: PLC0415 - as above

        if hooks.findings is None:
            budget.spend(AGAIN, _values(counts), subject=hooks.subject)
        budget.pass_through(96 * counts[3], subject=hooks.subject)
    return _decoder(text, hooks, counts, hooks.pairs).raw_decode(text, start)


def _decoder(text: str, hooks: _Hooks, counts: Counts, pairs: Callable[..., JsonValue] | None) -> json.JSONDecoder:
    # The C scanner makes integers faster than any hook; only "-0" loses its text. In long strings, looking is slower.
    hooked = len(text) > 1_000 * _values(counts) or ("-" in text and "-0" in text)
    return json.JSONDecoder(
        object_hook=hooks.count,
        object_pairs_hook=pairs,
        parse_float=hooks.fraction,
        parse_int=hooks.integer if hooked else None,
        parse_constant=hooks.constant,
    )


def _lone_surrogates(text: str) -> bool:
    if "\\" not in text or not _MAYBE_SURROGATE.search(text):
        return False
    from verifier.formats.json.structure import lone_surrogates  # noqa: PLC0415 - few documents have any

    return next(lone_surrogates(text), None) is not None


def _bounded(
    data: bytes | memoryview, text: str, hooks: _Hooks, *, max_depth: int, max_values: int, budget: Budget | None
) -> Counts:
    """What `text` has; refused where its values, their price or its nesting exceed a bound."""
    subject = hooks.subject
    # Never less than what stands outside of strings, and quickly found.
    counts = _count(text, ","), _count(text, "["), _count(text, "{"), _count(text, ":")
    if _values(counts) > max_values or budget is not None:
        from verifier.formats.json.structure import paid  # noqa: PLC0415 - small documents alone need none

        counts = paid(data, counts, max_values, budget, subject)
    if text.startswith("\ufeff"):
        raise refuse("json.invalid", subject, "a byte order mark before the value")
    if counts[1] + counts[2] > max_depth:
        from verifier.formats.json.structure import deeper_than  # noqa: PLC0415 - few documents have as many brackets

        if deeper_than(data, max_depth):
            raise refuse("json.too-deep", subject, f"arrays and objects are nested deeper than {max_depth}")
    return counts


def _count(text: str, character: str) -> int:
    """How often it stands there. Looking is ten times as fast as counting, and most of a signature is one string."""
    return text.count(character, max(text.find(character), 0), text.rfind(character) + 1)


def _values(counts: Counts) -> int:
    """At most how many values there are: one, and one more for each comma and each bracket."""
    return 1 + sum(counts[:3])
