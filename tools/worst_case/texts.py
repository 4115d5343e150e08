"""JSON, YAML and TOML that make much of little: a piece repeated, in a shape, with a few odd characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tools.worst_case.genome import Genome

UNITS: Final[Sequence[str]] = (
    *("[]", "{}", "0", "[0]", "[0,0,0,0,0]", '{"a":0}', '{"%d":0}', '{"a":0,"b":[],"c":{}}', "1e1", "-0", '{"a":1e1}'),
    *('""', '"ab"', '"%d"', '"\\n"', '"\\u0041"', '"\\ud83d\\ude00"', '"é"', '"\u20ac"', '"\U0001f600"', "[[[[]]]]"),
    *("1.5", "12345678901234567890", "null", '{"a":{"a":{"a":{}}}}', '":"', '",[{"', "[1e400]", '"a/b/c/d/e"', "1%d.0"),
    *('"\\\\"', "[1,1,1,1,1,1,1,1,1]", '{"k%d":"v"}', "-1e-1", '{"":[{}]}', '"%d/%d"', "/", "[", "]", "}", '"', ":"),
)
SHAPES: Final = ("array", "keys", "same key", "nested array", "nested object", "string", "number", "lines", "bare")
WIDE: Final = ("", "", "é", "\u20ac", "\U0001f600", "\\ud83d\\ude00", "\\ud83d")
"""A character that makes all of a text one, two or four bytes wide."""


def repeated(unit: str, count: int, between: str) -> str:
    """`unit` so often, with `%d` as its number."""
    if "%d" not in unit:
        return between.join((unit,)) + (between + unit) * (count - 1)
    return between.join(unit.replace("%d", str(number)) for number in range(count))


def json_text(genome: Genome, name: str, most: int) -> str:
    """A text of about `most` bytes at most, mostly JSON."""
    unit = genome.choice(f"{name} unit", UNITS)
    shape = genome.choice(f"{name} shape", SHAPES)
    count = genome.integer(f"{name} count", 1, max(1, most // (len(unit) + 8)))
    text = _shaped(shape, unit, min(count, 3_000_000 if "%d" not in unit and shape != "keys" else 700_000))
    wide = genome.choice(f"{name} wide", WIDE)
    return f'["{wide}",{text}]' if wide else text


def _shaped(shape: str, unit: str, count: int) -> str:
    number = "1" * count
    shapes = {
        "array": lambda: f"[{repeated(unit, count, ',')}]",
        "keys": lambda: "{" + ",".join(f'"{at}":{unit}' for at in range(count)) + "}",
        "same key": lambda: "{" + repeated(f'"a":{unit}', count, ",") + "}",
        "nested array": lambda: "[" * count + unit + "]" * count,
        "nested object": lambda: '{"a":' * count + unit + "}" * count,
        "string": lambda: '["' + repeated(unit.replace('"', ""), count, "") + '"]',
        "number": lambda: f"[{number}.{number}e1]",
        "lines": lambda: repeated(unit, count, "\n"),
        "bare": lambda: repeated(unit, count, ""),
    }
    return shapes[shape]()


YAML_UNITS: Final[Sequence[str]] = (
    *("- a\n", "- [a]\n", "- {a: b}\n", "k%d: v\n", "- 1.5\n", '- "\\n"\n', "- é\n", "[],", "{},", "a,", "- - - a\n"),
    *(
        "%TAG !a%d! b\n",
        "# comment\n",
        "? a\n",
        "- |\n  text\n",
        "a ",
        "\n",
        "- &a%d a\n",
        "- *a\n",
        "- !!str a\n",
        "--- a\n",
    ),
    *(
        "'a', ",
        '"a": ',
        "[",
        "{",
        "- ",
        "  ",
        "1_",
        "1:",
        "<<: {a: b}\n",
        "\U0001f600",
        "...\n",
        "? [",
        "- 'a\n\n  b'\n",
    ),
)


def yaml_text(genome: Genome, name: str, most: int) -> str:
    """A text of about `most` bytes at most, mostly YAML."""
    unit = genome.choice(f"{name} yaml", YAML_UNITS)
    before = genome.choice(f"{name} before", ("", "[", "{", "a: ", "- ", "--- ", "%YAML 1.1\n", "a: |\n  "))
    count = genome.integer(f"{name} count", 1, max(1, most // (len(unit) + 4)))
    closing = {"[": "a]", "{": "}"}.get(before, "")
    return before + repeated(unit, min(count, 1_500_000), "") + closing


TOML_UNITS: Final[Sequence[str]] = (
    *("a%d = 1\n", "[t%d]\n", "[[a]]\n", "[a.b.c.d%d]\n", "[[a.b]]\n", "a.b.c.k%d = 1\n", "# comment\n", "\n"),
    *('"k%d" = "\\u0041"\n', "k%d = [[], []]\n", "k%d = {a = {b = 1}}\n", "k%d = 1_0_0_0\n", 'k%d = """\n\n"""\n'),
    *("k%d = 2026-01-01T00:00:00Z\n", '[signers.s%d]\nkey = "k"\n', '[artifacts."bundle:%d"]\n', "k%d = 1e1\n"),
)


def toml_text(genome: Genome, name: str, most: int) -> str:
    """A text of at most `most` bytes, mostly TOML, with one long line among many short ones."""
    unit = genome.choice(f"{name} toml", TOML_UNITS)
    inner = genome.choice(f"{name} inner", ("a.", '"a".', "[", "{a=", "[1],", '"",', "{},", "'a'.", '"\\u0041".'))
    width = genome.integer(f"{name} width", 0, 2_000 // len(inner))
    row = genome.choice(f"{name} row", ("k%d = [%s]\n", "%s", "[%sa%d]\n", "%sk%d = 1\n", "[[%sa%d]]\n", "k%d = %s1\n"))
    line = row.replace("%s", inner * width)
    rows = genome.integer(f"{name} rows", 1, max(1, most // max(len(line), 8)))
    count = genome.integer(f"{name} count", 1, max(1, most // (len(unit) + 4)))
    head = 'version = 1\nid = "urn:a"\n' if genome.choice(f"{name} head", (False, True)) else ""
    return (head + repeated(line, rows, "") + repeated(unit, count, ""))[:most]
