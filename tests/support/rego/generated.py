"""Organisation rules and evidence by a seed: more than the embedded subset has, and of JSON everything there is.

Random rather than by hypothesis, which would ask OPA once for each: here a hundred modules are one question.
"""

from __future__ import annotations

import json
from random import Random

FIELDS = ("a", "b", "c", "o", "l", "n", "s")
TEXTS = (
    "", "a", "b", "ab", "high", "1.10.0", "1.9.0", "5", "é", "À", "ß", "İ", "Σς", "𝄞", "日本", "\u2028", "\x00", "\x7f",
    'q"q', "b\\b", "l\nl", "/", "e\u0301", "%s", "null", "\ue000", "\U0001f600",
)  # fmt: skip
NUMBERS = (
    0, 1, 2, 3, 5, -1, 10, 2**53, 2**53 + 1, -(2**53), 2**63, 2**64 + 1, 2**70, 1.0, 1.5, -0.0, 0.1, 1e15, 1e16, 1e22,
    1e300, 5e-324, 10**30,
)  # fmt: skip
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "==", "in")
CALLS = (
    ("count", 1), ("contains", 2), ("startswith", 2), ("endswith", 2), ("lower", 1), ("upper", 1), ("trim_prefix", 2),
    ("trim_suffix", 2), ("is_string", 1), ("is_number", 1), ("is_null", 1), ("is_array", 1), ("is_object", 1),
    ("is_boolean", 1), ("is_set", 1), ("concat", 2), ("object.get", 3), ("f1", 1), ("f2", 2), ("f1", 1), ("f2", 2),
    ("to_number", 1), ("sort", 1), ("semver.compare", 2), ("object.union", 2), ("json.marshal", 1), ("max", 1),
)  # fmt: skip
MEMBERS = ("1", '"a"', "input.a", "input.s")
CONSTANTS = ("[1, 2]", '{"a", "b"}', '{"a": 1}', '"high"', "5")
FORMATS = ("%s", "%d", "%v", "%s%%", "a")
SOURCES = (
    "input.l",
    "input.l",
    "input.o",
    "input.a",
    '["a", "b"]',
    '{"a", "high"}',
    "{1, 2}",
    '{null, ""}',
    "s1",
    "c1",
)
PLACES = (".a", ".b", ".o", ".l", ".s", ".n", ".a", ".b", ".o", ".l", ".s", ".n", "[0]", "[1]", '["a"]', '["é"]')
OF_TEXTS = {"contains", "startswith", "endswith", "lower", "upper", "trim_prefix", "trim_suffix"}


def value(random: Random, depth: int = 0):
    """A JSON value."""
    kind = random.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return random.choice([None, True, False])
    if kind in {1, 2}:
        return random.choice(NUMBERS[:6]) if random.random() < 0.6 else random.choice(NUMBERS)
    if kind in {3, 4, 5}:
        return random.choice(TEXTS[:7]) if random.random() < 0.6 else random.choice(TEXTS)
    size = random.randrange(4)
    if kind in {6, 7}:
        return [value(random, depth + 1) for _ in range(size)]
    return {random.choice((*FIELDS, *TEXTS[:3])): value(random, depth + 1) for _ in range(size)}


def document(random: Random) -> dict:
    """What the rules look at; a field may be missing."""
    made = {name: value(random, 1) for name in FIELDS if random.random() < 0.85}
    made["l"] = [value(random, 2) for _ in range(random.randrange(4))]
    if random.random() < 0.7:
        made["s"] = random.choice(TEXTS)
    if random.random() < 0.7:
        made["o"] = {name: value(random, 2) for name in FIELDS if random.random() < 0.5}
    return made


class Rules:
    """Writes one module."""

    def __init__(self, random: Random, package: str) -> None:
        self.random, self.package = random, package
        self.known: list[str] = []
        self.made = 0
        self.callable: list[str] = []
        self.wild = random.random() < 0.2  # whether it may be written outside of the subset
        self.line_break = random.choice(("\n", "\n", "\n", "\r\n"))

    def module(self) -> str:
        """A package with `deny`, and what it may call."""
        lines = [f"package {self.package}", ""]
        if self.chance(0.2):
            lines.insert(1, "import rego.v1")
        lines.append("c1 := " + self.pick((*CONSTANTS, self.term(1))))
        self.callable.append("c1")
        lines.append(self.rule("f1(x)", self.pick(("", "", f" := {self.term(2)}")), ("x",)))
        lines.append(self.rule("f1(x)", "", ("x",)) if self.chance(0.2) else "")
        lines.append(f"f2(x, y) if {{ {self.comparison('x', 'y')} }}")
        lines.append(f"f2(x, y) if startswith(x, {self.text()})" if self.chance(0.5) else "")
        self.callable += ["f1", "f2"]
        lines.append(self.rule("r1", self.pick(("", "", f" := {self.scalar()}", ' := "a"'))))
        lines.append(self.rule("r1", "") if self.chance(0.2) else "")
        self.callable.append("r1")
        lines.append(self.rule("s1", " contains " + self.pick(MEMBERS)))
        self.callable.append("s1")
        if self.chance(0.2):
            pass
        for _ in range(self.random.randrange(1, 4)):
            self.known = []
            lines.append(self.deny())
        return self.line_break.join(lines)

    def rule(self, name: str, head: str, known=()) -> str:
        self.known = list(known)
        self.made += 10
        made = f"{name}{head} if {self.body(1)}"
        self.known = []
        return made

    def deny(self) -> str:
        body = self.body(0)
        written = f'sprintf("{self.pick(FORMATS)}", [{self.term(2)}])'
        head = self.pick(('"no"', self.text(), written, self.variable()))
        return f"deny contains {head} if {body}"

    def body(self, depth: int) -> str:
        parts = [self.statement(depth) for _ in range(self.random.randrange(1, 4))]
        if len(parts) == 1 and self.chance(0.4):
            return parts[0]
        if self.chance(0.3):
            return "{ " + "; ".join(parts) + " }"
        between = self.pick((self.line_break, f" # é{self.line_break}", f";{self.line_break}", self.line_break * 2))
        return "{" + self.line_break + between.join(parts) + self.line_break + "}"

    def statement(self, depth: int) -> str:
        kind = self.random.randrange(10)
        if kind == 0 and depth < 2:
            before, source, name = list(self.known), self.source(), self.new()
            inner = (
                self.comparison(name, self.term(2)) if self.chance(0.7) or not self.may_call("f1") else f"f1({name})"
            )
            self.known = before
            return f"every {name} in {source} {{ {inner}{self.pick(('', f'; {self.statement(2)}'))} }}"
        if kind in {1, 2}:
            source = self.source()
            pair = f"{self.new()}, " if self.chance(0.3) and (self.wild or source.startswith("input")) else ""
            return f"some {pair}{self.new()} in {source}"
        if kind == 3:
            term = self.term(1)
            return f"{self.new()} := {term}"
        negation = "not " if self.chance(0.25) else ""
        if kind in {4, 5}:
            return f"{negation}{self.term(0 if self.wild else 9)}"
        return f"{negation}{self.comparison()}"

    def comparison(self, left: str = "", right: str = "") -> str:
        operator = self.pick(COMPARISONS)
        if not self.wild and not (left or right):
            # One side is something of the input, so that the types can be right.
            right = self.source() if operator == "in" else self.pick((self.reference(), self.variable(), self.scalar()))
            left = self.reference() if operator != "in" or right[0] in "[{" else self.term(8)
        right = right or (self.source() if operator == "in" else self.term(1))
        return f"{left or self.term(0 if self.wild else 8)} {operator} {right}"

    def source(self) -> str:
        odd = self.term(1) if self.wild else self.reference()
        return self.pick([each for each in (*SOURCES, "input.o", odd) if self.may_call(each)])

    def may_call(self, name: str) -> bool:
        """Whether a name is none of our rules, or one that is written already: rules must not depend on themselves."""
        return self.wild or name not in {"c1", "f1", "f2", "r1", "s1"} or name in self.callable

    def term(self, depth: int) -> str:  # noqa: PLR0911 - one for each kind
        """A term; from `depth` 8 on one that may begin a statement, from 9 on one that may be negated."""
        kind = (
            self.random.choice((0, 3, 6, 7) if depth == 9 else (0, 3, 4, 6, 7))
            if depth > 7
            else self.random.randrange(12 if depth < 3 else 6)
        )
        if kind < 3:
            return self.reference()
        if kind == 3:
            return self.variable()
        if kind in {4, 5}:
            return self.scalar()
        if kind in {6, 7, 8}:
            name, size = self.pick(CALLS if self.wild else [each for each in CALLS[:-6] if self.may_call(each[0])])
            given = [self.argument(name, place, depth) for place in range(size)]
            space = self.pick(("", "", " ", "\n"))
            return f"{name}({space}{f',{space} '.join(given)}{space})"
        if kind == 9:
            members = [self.term(depth + 1) for _ in range(self.random.randrange(3))]
            opening, closing = self.pick(("[]", "{}"))
            return f"{opening}{', '.join(members)}{',' if members and self.chance(0.1) else ''}{closing}"
        if kind == 10:
            return f'{{"a": {self.term(depth + 1)}, "msg": {self.text()}}}'
        opening, closing = self.pick(("[]", "{}"))
        before, source, name = list(self.known), self.source(), self.new()
        rest = f"; {self.comparison(name)}" if self.chance(0.5) else ""
        made = f"{opening}{self.pick((name, self.term(2)))} | some {name} in {source}{rest}{closing}"
        self.known = before
        return made

    def argument(self, name: str, place: int, depth: int) -> str:
        if self.chance(0.25 if self.wild else 0.05):
            return self.term(depth + 1)
        if name in OF_TEXTS:
            return self.pick((self.text(), "input.s", "input.a", self.variable()))
        if name == "concat":
            return self.text() if place == 0 else self.pick(("input.l", '["a", "b"]', '{"b", "a"}', "input.l"))
        if name == "object.get":
            return ("input.o", self.text(), self.scalar())[place]
        return self.reference()

    def reference(self) -> str:
        base = self.pick(("input", "input", "input", *self.known, self.variable() if self.wild else "input"))
        path = "".join(
            self.pick(PLACES if self.chance(0.9) else (f"[{self.variable()}]",))
            for _ in range(self.random.randrange(1, 3))
        )
        return base + path

    def variable(self) -> str:
        ours = [each for each in ("r1", "c1", "s1") if self.may_call(each)]
        return self.pick((*self.known, *self.known, *self.known, *ours, "input.a", "input.s"))

    def scalar(self) -> str:
        if self.chance(0.5):
            return self.text()
        odd = ("1.0", "1e3", "-1", str(2**53 + 1)) if self.wild else ()
        return self.pick(("0", "1", "2", "5", "3", "true", "false", "null", str(2**53), *odd))

    def text(self) -> str:
        text = self.pick(TEXTS[:7]) if self.chance(0.5) else self.pick(TEXTS)
        if "\0" in text and not self.wild:
            text = ""
        return json.dumps(text, ensure_ascii=self.chance(0.5))

    def new(self) -> str:
        """A variable that has its value from here on; mostly a new one."""
        self.made += 1
        name = f"v{self.made}"
        if not self.known or not self.wild or self.chance(0.9):
            self.known.append(name)
            return name
        return self.pick(self.known)

    def pick(self, choices):
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share
