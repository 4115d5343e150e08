"""The builtins of the embedded subset, each as OPA has it, or `Unanswered`.

* an argument of another type than OPA takes is `Unanswered`, as it is an error to OPA
* `lower` and `upper` answer for characters whose cases everybody's tables have had for long; `sprintf` for strings and
  integers in `%s`, `%d` and `%v`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from verifier.core.value import Value
from verifier.rego.organisation.embedded.tokens import LARGEST, OutsideSubset
from verifier.rego.organisation.embedded.tree import Call, Collection, Scalar
from verifier.rego.organisation.embedded.values import Budget, Unanswered, kind_of

_VERB = re.compile(r"%([%sdv]?)")
CASED = re.compile(
    "[\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u00fe\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u0410-\u044f"
    "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]"
)
"""Letters of Latin-1, Greek and Cyrillic that are pairs; kana, ideographs and Hangul, which have no case."""


class Function(Value):
    """A builtin: the types that it takes, the type that it gives, and what it does."""

    takes: tuple[str, ...]
    gives: str
    call: Callable[[Sequence[Any], Budget], Any]


def check_format(call: Call) -> None:
    """`sprintf` with a format that is written out and verbs for each of the values; raises `OutsideSubset`."""
    form, values = call.arguments
    if not isinstance(form, Scalar) or not isinstance(form.value, str) or not isinstance(values, Collection):
        raise OutsideSubset(call.line, "sprintf with a format or values that are not written out")
    verbs = _VERB.findall(form.value)
    if "" in verbs or sum(verb != "%" for verb in verbs) != len(values.members):
        raise OutsideSubset(call.line, "sprintf with other verbs than %s, %d, %v and one for each value")


def _count(arguments: Sequence[Any], _: Budget) -> int:
    (value,) = arguments
    if kind_of(value) not in {"string", "array", "object", "set"}:
        raise Unanswered(f"count of {kind_of(value)}")
    return len(value)


def _of_strings(name: str, answer: Callable[[str, str], Any]) -> Callable[[Sequence[Any], Budget], Any]:
    def call(arguments: Sequence[Any], budget: Budget) -> Any:
        left, right = arguments
        return answer(_text(name, left, budget), _text(name, right, budget))

    return call


def _text(name: str, value: Any, budget: Budget) -> str:
    if not isinstance(value, str):
        raise Unanswered(f"{name} of {kind_of(value)}")
    budget.spend(len(value) >> 6)
    return value


def _cased(name: str, turn: Callable[[str], str]) -> Callable[[Sequence[Any], Budget], str]:
    def call(arguments: Sequence[Any], budget: Budget) -> str:
        text = _text(name, arguments[0], budget)
        for each in text:
            if not (each.isascii() or CASED.match(each)):
                raise Unanswered(f"{name} of the character U+{ord(each):04X}")
        return "".join(map(turn, text))  # each alone: Python looks at what stands around a sigma

    return call


def _is(kind: str) -> Callable[[Sequence[Any], Budget], bool]:
    return lambda arguments, _: kind_of(arguments[0]) == kind


def _get(arguments: Sequence[Any], _: Budget) -> Any:
    value, key, default = arguments
    if not isinstance(value, dict) or not isinstance(key, str):
        raise Unanswered(f"object.get of {kind_of(value)} by {kind_of(key)}")
    return value.get(key, default)


def _concat(arguments: Sequence[Any], budget: Budget) -> str:
    between = _text("concat", arguments[0], budget)
    if kind_of(arguments[1]) not in {"array", "set"}:
        raise Unanswered(f"concat of {kind_of(arguments[1])}")
    parts = [_text("concat", part, budget) for part in arguments[1]]
    return _made(sum(map(len, parts)) + len(between) * len(parts), budget, lambda: between.join(parts))


def _sprintf(arguments: Sequence[Any], budget: Budget) -> str:
    form, values = arguments
    left = list(reversed(values))
    budget.spend(len(form) >> 6)

    def write(match: re.Match[str]) -> str:
        verb = match.group(1)
        if verb == "%":
            return "%"
        value = left.pop()
        whole = type(value) is int and -LARGEST <= value <= LARGEST
        if not (isinstance(value, str) if verb == "s" else whole if verb == "d" else whole or isinstance(value, str)):
            raise Unanswered(f"sprintf with %{verb} of {kind_of(value)}")
        text = str(value)
        return _made(len(text), budget, lambda: text)

    return _VERB.sub(write, form)


def _made(size: int, budget: Budget, make: Callable[[], str]) -> str:
    """A text of this size, paid for before it is made."""
    budget.spend(1 + (size >> 6))
    if size > 1 << 20:
        raise Unanswered("a text of more than a million characters")
    return make()


FUNCTIONS: Mapping[str, Function] = {
    "count": Function(takes=("counted",), gives="number", call=_count),
    "contains": Function(takes=("string",) * 2, gives="boolean", call=_of_strings("contains", lambda a, b: b in a)),
    "startswith": Function(takes=("string",) * 2, gives="boolean", call=_of_strings("startswith", str.startswith)),
    "endswith": Function(takes=("string",) * 2, gives="boolean", call=_of_strings("endswith", str.endswith)),
    "trim_prefix": Function(takes=("string",) * 2, gives="string", call=_of_strings("trim_prefix", str.removeprefix)),
    "trim_suffix": Function(takes=("string",) * 2, gives="string", call=_of_strings("trim_suffix", str.removesuffix)),
    "lower": Function(takes=("string",), gives="string", call=_cased("lower", str.lower)),
    "upper": Function(takes=("string",), gives="string", call=_cased("upper", str.upper)),
    "concat": Function(takes=("string", "strings"), gives="string", call=_concat),
    "sprintf": Function(takes=("string", "values"), gives="string", call=_sprintf),
    "object.get": Function(takes=("object", "any", "any"), gives="any", call=_get),
    **{
        f"is_{kind}": Function(takes=("any",), gives="boolean", call=_is(kind))
        for kind in ("string", "number", "boolean", "null", "array", "object", "set")
    },
}
"""By their names; `takes` "counted" is what has a length, "strings" an array or set of strings, "values" an array."""
