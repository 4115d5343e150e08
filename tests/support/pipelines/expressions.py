"""Expressions of GitHub's workflows, as far as ours need them, and no further: what is not known here is an error.

* names with dots, texts, `true` and `false`, `!`, `&&`, `||`, `==`, `!=`, parentheses, and functions that a test gives
* `&&` and `||` give one of their operands; the empty text, `false` and what is not there are false; texts are the same
  whatever their case

Source: https://docs.github.com/actions/reference/workflows-and-actions/expressions.
"""

import re

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|!|\(|\))|(?P<name>[A-Za-z_][\w.-]*))")
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = {"always", "success", "failure", "cancelled"}
"""Functions that decide for themselves whether a step runs after a failure."""


class Unknown(Exception):
    """An expression that this evaluator does not know."""


def filled(text, contexts, functions):
    """`text` with its expressions replaced by what they come to."""
    return _INSIDE.sub(lambda found: as_text(value(found[1], contexts, functions)), text)


def condition(text, contexts, functions):
    """Whether a step with this `if` runs."""
    whole = _INSIDE.fullmatch(text.strip())
    inside = whole[1] if whole else text
    names = {found["name"] for found in tokens(inside) if found["name"]}
    if not names & STATUS:
        return functions["success"]() and truthy(value(inside, contexts, functions))
    return truthy(value(inside, contexts, functions))


def as_text(found):
    return str(found).lower() if isinstance(found, bool) else found


def truthy(found):
    return found not in ("", False)


def tokens(text):
    position, found = 0, []
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unknown(text[position:])
        found.append(match)
        position = match.end()
    return found


def value(text, contexts, functions):
    """What an expression comes to, a text or a bool; raises `Unknown`."""
    reader = _Reader(tokens(text), contexts, functions)
    found = reader.either()
    if not reader.is_at_end():
        raise Unknown(text)
    return found


class _Reader:
    def __init__(self, found, contexts, functions):
        self._tokens, self._contexts, self._functions, self._at = found, contexts, functions, 0

    def is_at_end(self):
        return self._at == len(self._tokens)

    def _sign(self, *signs):
        if not self.is_at_end() and self._tokens[self._at]["sign"] in signs:
            self._at += 1
            return self._tokens[self._at - 1]["sign"]
        return None

    def either(self):
        found = self._both()
        while self._sign("||"):
            other = self._both()
            found = found if truthy(found) else other
        return found

    def _both(self):
        found = self._same()
        while self._sign("&&"):
            other = self._same()
            found = other if truthy(found) else found
        return found

    def _same(self):
        found = self._not()
        while sign := self._sign("==", "!="):
            other = self._not()
            found = (_folded(found) == _folded(other)) == (sign == "==")
        return found

    def _not(self):
        return not truthy(self._not()) if self._sign("!") else self._one()

    def _one(self):
        if self._sign("("):
            found = self.either()
            if not self._sign(")"):
                raise Unknown("( without )")
            return found
        if self.is_at_end() or self._tokens[self._at]["sign"]:
            raise Unknown("something is missing")
        token = self._tokens[self._at]
        self._at += 1
        if token["text"]:
            return token["text"][1:-1].replace("''", "'")
        return self._named(token["name"])

    def _named(self, name):
        if name in {"true", "false"}:
            return name == "true"
        if self._sign("("):
            if not self._sign(")") or name not in self._functions:
                raise Unknown(name)
            return self._functions[name]()
        found = self._contexts
        for part in name.split("."):
            if not isinstance(found, dict) or part not in found:
                raise Unknown(name)
            found = found[part]
        if not isinstance(found, str | bool):
            raise Unknown(name)
        return found


def _folded(found):
    return found.casefold() if isinstance(found, str) else found
