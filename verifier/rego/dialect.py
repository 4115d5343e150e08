"""Whether a module is written in the version of Rego that it is declared to be in, where rego-cpp reads both alike.

* in v1, and under `import rego.v1`, a body follows `if`
* in v0 without that import, `if`, `contains`, `in` and `every` are names, unless `future.keywords` are imported
* what is said to be wrong OPA refuses (held by a differential test); not everything that OPA refuses is found here
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.rego.scan import Token

_BEFORE_A_VALUE: Final = frozenset({"if", "in", "contains", "as", "not", "and", "or", "some", "with", "default"})
_CLOSERS: Final = frozenset({"]", ")", "}"})
_KEYWORDS: Final = ("if", "contains", "in", "every")


def dialect_problem(tokens: list[Token], version: int) -> str:
    """What is wrong with the module as Rego of this version, "" for nothing that is found here."""
    imported = set(_keywords(tokens))
    if version == 0 and imported.isdisjoint(("v1", "v2")):
        return next(_new_words(tokens, imported), "")
    return "" if version > 1 or "v2" in imported else next(_bodies_without_if(tokens), "")


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
        follows = before.text in _CLOSERS or before.kind != "mark"
        called = behind is not None and behind.text == "(" and behind.close
        if follows and not called and before.text not in {"import", "as", "package", "default", "not", "some", "with"}:
            yield f"`{token.text}` is no keyword in Rego v0: `import rego.v1`, or `future.keywords`"
