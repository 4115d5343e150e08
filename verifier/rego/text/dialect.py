"""Whether a module is written in the version of Rego that it is declared to be in, where rego-cpp reads both alike.

* in v1, and under `import rego.v1`, a body follows `if`
* in v0 without that import, `if`, `contains`, `in` and `every` are names, unless `future.keywords` are imported
* in both, a default value calls nothing, a keyword names no rule, and a rule is more than a name
* what is said to be wrong OPA refuses (held by a differential test); not everything that OPA refuses is found here
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final

from verifier.formats.opa.builtin_names import BUILTIN_NAMES
from verifier.rego.text.scan import Token

_BEFORE_A_VALUE: Final = frozenset({"if", "in", "contains", "as", "not", "and", "or", "some", "with", "default"})
_CLOSERS: Final = frozenset({"]", ")", "}"})
_CONSTANTS: Final = frozenset({"true", "false", "null", "set"})
_KEYWORDS: Final = ("if", "contains", "in", "every")


def dialect_problem(tokens: list[Token], version: int) -> str:
    """What is wrong with the module as Rego of this version, "" for nothing that is found here."""
    imported = set(_keywords(tokens))
    if any(token.text == ";" and token.depth == 0 for token in tokens if token.is_mark):
        return "`;` outside of every bracket"
    if version == 0 and imported.isdisjoint(("v1", "v2")):
        return next(chain(_new_words(tokens, imported), _templates(tokens), _in_any(tokens)), "")
    if version > 1 or "v2" in imported:
        return ""
    return next(chain(_bodies_without_if(tokens), _heads_of_v0(tokens), _in_any(tokens)), "")


def ambiguous(tokens: list[Token], version: int) -> str:
    """What Rego v0 reads as two rules where its author meant one, "" for nothing of the kind."""
    imported = set(_keywords(tokens))
    if version != 0 or not imported.isdisjoint(("v1", "v2", "if")):
        return ""
    for before, token in pairwise(tokens):
        if token.text == "if" and token.kind == "name" and not token.first and token.depth == 0 and _ends(before):
            return "`if` begins another rule in Rego v0: `import rego.v1`, or `future.keywords`"
    return ""


def with_braces(source: str, tokens: list[Token]) -> str:
    """The same module with every body in braces: rego-cpp reads `if every …` and `if not … with …` in no other way."""
    pieces, at, index = [], 0, 0
    while index < len(tokens) - 1:
        token, behind = tokens[index], tokens[index + 1]
        index += 1
        if (
            token.text != "if"
            or token.kind != "name"
            or token.depth
            or tokens[index - 2].text == "."
            or behind.text == "{"
        ):
            continue
        index = _end_of_body(tokens, index)
        end = tokens[index - 1].at + len(tokens[index - 1].text)
        pieces += [source[at : behind.at], "{ ", source[behind.at : end], " }"]
        at = end
    return "".join((*pieces, source[at:]))


def _end_of_body(tokens: list[Token], index: int) -> int:
    """Where the expression ends that begins at `index`: at `else`, or at a line that does not go on with it."""
    index += 1
    while index < len(tokens):
        token = tokens[index]
        if (
            token.depth == 0
            and token.kind == "name"
            and (token.text == "else" or (token.first and token.text != "with"))
        ):
            break
        index += 1
    return index


def _ends(token: Token) -> bool:
    return token.text in _CLOSERS or token.kind not in {"mark", "template"}


def _templates(tokens: list[Token]) -> Iterator[str]:
    if any(token.kind == "opening" for token in tokens):
        yield "template strings are no Rego v0: `import rego.v1`"


def _in_any(tokens: list[Token]) -> Iterator[str]:
    """In every version: a default value that is no constant, and a builtin called as if it were a rule."""
    for index, token in enumerate(tokens):
        if token.depth or not token.first or token.kind != "name":
            continue
        if token.text == "default" and index + 1 < len(tokens) and not tokens[index + 1].is_mark:
            value = index + 1
            while value < len(tokens) and not tokens[value].first and tokens[value].text not in {":=", "="}:
                value += 1
            value += 1
            while value < len(tokens) and tokens[value].text == "(" and tokens[value].is_mark:
                value += 1
            if value < len(tokens) and tokens[value].kind == "name" and tokens[value].text not in _CONSTANTS:
                yield "a default value is no constant"
            continue
        names, at = [token.text], index + 1
        while at + 1 < len(tokens) and tokens[at].text == "." and tokens[at + 1].kind == "name":
            names.append(tokens[at + 1].text)
            at += 2
        called = at < len(tokens) and tokens[at].text == "(" and tokens[at].close
        if called and ".".join(names) in BUILTIN_NAMES and _is_all(tokens, _closing(tokens, at)):
            yield f"`{'.'.join(names)}` is a builtin, and no rule"


def _is_all(tokens: list[Token], closing: int | None) -> bool:
    """Whether a rule ends with the bracket that closes there."""
    return closing is not None and (closing + 1 == len(tokens) or _begins(tokens[closing + 1]))


def _heads_of_v0(tokens: list[Token]) -> Iterator[str]:
    """In v1: a keyword that names a rule, a name without a body or a value, a set's member without `contains`."""
    for index, token in enumerate(tokens):
        if not token.first or token.depth or token.kind != "name" or token.text in {"else", "with", "default"}:
            continue
        behind = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.text in _KEYWORDS and behind is not None and behind.text in {":=", "=", "("}:
            yield f"`{token.text}` cannot be the name of a rule"
        if behind is None or _begins(behind):
            yield f"`{token.text}` alone is no rule"
        closing = _closing(tokens, index + 1) if behind is not None and behind.text == "[" and behind.close else None
        if _is_all(tokens, closing) and token.text not in _BEFORE_A_VALUE:
            yield "`contains` keyword is required for partial set rules"


def _begins(token: Token) -> bool:
    return (
        token.first
        and token.depth == 0
        and token.kind == "name"
        and token.text not in {"if", "contains", "with", "else"}
    )


def _closing(tokens: list[Token], index: int) -> int | None:
    """Where the bracket at `index` is closed."""
    depth = tokens[index].depth
    return next((at for at in range(index + 1, len(tokens)) if tokens[at].depth == depth), None)


def newest(tokens: list[Token], version: int) -> bool:
    """Whether it may be written in what only the newest OPA reads: v2, or keywords that came later."""
    return version > 1 or not set(_keywords(tokens)) <= {"v1", *_KEYWORDS}


def _keywords(tokens: list[Token]) -> Iterator[str]:
    """The keywords that imports turn on; "v1" and "v2" for those of a version."""
    for index, token in enumerate(tokens):
        if token.kind == "name" and token.text == "import" and not (index and tokens[index - 1].text == "."):
            names = [each.text for each in tokens[index + 1 : index + 6]]
            if names[:2] == ["rego", "."] and len(names) > 2:
                yield names[2]
            elif names[:3] == ["future", ".", "keywords"]:
                yield from (names[4],) if names[3:4] == ["."] and len(names) > 4 else _KEYWORDS


def _bodies_without_if(tokens: list[Token]) -> Iterator[str]:
    every = False
    for index, token in enumerate(tokens):
        if token.depth or not index:
            continue
        before = tokens[index - 1]
        if token.kind == "name":
            every = every or (token.text == "every" and before.text != ".")
        elif token.text == "{" and token.kind == "mark":
            ends = before.text in _CLOSERS or before.kind in {"text", "number"}
            names = before.kind == "name" and (before.text not in _BEFORE_A_VALUE or tokens[index - 2].text == ".")
            if (ends or names) and not every:
                yield "`if` keyword is required before a rule's body"
            every = False


def _new_words(tokens: list[Token], imported: set[str]) -> Iterator[str]:
    words = {word for word in _KEYWORDS if word not in imported and not (word == "in" and "every" in imported)}
    for index, token in enumerate(tokens):
        if token.kind != "name" or token.text not in words or not index or token.first:
            continue
        before = tokens[index - 1]
        behind = tokens[index + 1] if index + 1 < len(tokens) else None
        # Behind anything else than a word that begins its line, `if` is the name of a rule of its own.
        follows = _ends(before) if token.text != "if" or token.depth else before.kind == "name" and before.first
        called = behind is not None and behind.text == "(" and behind.close
        if follows and not called and before.text not in {"import", "as", "package", "default", "not", "some", "with"}:
            yield f"`{token.text}` is no keyword in Rego v0: `import rego.v1`, or `future.keywords`"
