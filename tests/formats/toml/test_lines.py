"""The line of every key, held against documents whose lines are known because they were written key by key."""

import tomllib
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.toml.lines import line_index

TEXT = '''\
title = "a # b = c"           # line 1
[owner]
"quoted = key" = 'x'
'literal.key' = """
[not.a.table]
not = "a key"
\\""" still inside """""
nested.deep.er = 1
[[fruit]]
name = "apple"
[fruit.physical]
color = "red"
[[fruit.variety]]
name = "delicious"
[[fruit]]
name = \'\'\'
it's''\'\'\'
points = [
  # a comment with ] and ,
  { x = 1, y = 2 },
  { x = [ "a]",
          "b" ] , y.z = 1979-05-27 07:32:00 },
]
"\\u0041\\"]" = 0x_bad_is_in_a_string
'''.replace("0x_bad_is_in_a_string", '"0x"')


def test_every_kind_of_key_has_its_line():
    lines = line_index(TEXT)
    assert lines[("title",)] == 1
    assert lines[("owner",)] == 2
    assert lines[("owner", "quoted = key")] == 3
    assert lines[("owner", "literal.key")] == 4
    assert lines[("owner", "nested", "deep", "er")] == lines[("owner", "nested")] == 8
    assert lines[("fruit",)] == lines[("fruit", 0)] == 9
    assert lines[("fruit", 0, "physical", "color")] == 12
    assert lines[("fruit", 0, "variety", 0, "name")] == 14
    assert lines[("fruit", 1)] == 15
    assert lines[("fruit", 1, "points", 0, "y")] == 20
    assert lines[("fruit", 1, "points", 1, "x", 1)] == 22
    assert lines[("fruit", 1, "points", 1, "y", "z")] == 22
    assert lines[("fruit", 1, 'A"]')] == 24


def test_keys_inside_strings_and_comments_are_never_mistaken_for_keys():
    assert set(line_index(TEXT)) == paths_of(tomllib.loads(TEXT))


def test_table_defined_after_its_subtable_has_its_own_line():
    assert line_index("[a.b]\n[a]\n") == {("a",): 2, ("a", "b"): 1}


def test_carriage_returns_do_not_count_twice():
    assert line_index("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}


def test_very_deep_path_has_its_ancestors_line():
    deep = ".".join("k" * 40)
    assert max(map(len, line_index(f"[t]\n{deep} = 1\n"))) <= 16


def paths_of(value, path=()):
    """Every key path of a document, as `tomllib` sees it."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    for key, child in children:
        found |= paths_of(child, (*path, key))
    return found


@dataclass
class Writer:
    """Writes TOML and remembers on which line it wrote what."""

    text: str = ""
    lines: dict = field(default_factory=dict)

    def write(self, text):
        self.text += text

    def note(self, path):
        line = self.text.count("\n") + 1
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        self.lines[path] = line


CHARACTERS = st.characters(blacklist_categories=("Cs",))
KEYS = st.one_of(
    st.sampled_from(["a", "b-c", "0_9", "x y", 'q"u', "é", "=", "[", "#", "."]), st.text(CHARACTERS, max_size=5)
)
WORDS = st.text(CHARACTERS, max_size=12)
BLANKS = st.sampled_from(["", " ", "\n", "\t\n  ", " # ] } , = [x]\n"])


def quoted(text):
    escaped = "".join(f"\\U{ord(c):08x}" if c in '"\\' or ord(c) < 32 or ord(c) == 127 else c for c in text)
    return f'"{escaped}"'


@st.composite
def spelled_keys(draw, key):
    bare = key.isascii() and key.replace("-", "a").replace("_", "a").isalnum()
    return key if bare and draw(st.booleans()) else quoted(key)


@st.composite
def strings(draw):
    word = draw(WORDS)
    style = draw(st.integers(0, 3))
    plain = "".join(c for c in word if c not in "\r\"'\\" and (c == "\n" or (c.isprintable() and ord(c) != 127)))
    flat = plain.replace("\n", "")
    return [
        quoted(word),
        f"'{flat}#=[\"'",
        f'"""\n{plain}\\""" = [x]\n""{plain or "."}"""""',
        f"'''{plain}''\n[t]\n\"\"\"{plain or '.'}'''''",
    ][style]


def put_value(draw, writer, path, depth):
    kind = draw(st.integers(0, 5 if depth else 3))
    if kind <= 3:
        scalars = [draw(strings()), "1_000", "1979-05-27 07:32:00Z", "-inf"]
        writer.write(scalars[kind])
    elif kind == 4:
        writer.write("[")
        for index in range(draw(st.integers(0, 3))):
            writer.write(draw(BLANKS))
            writer.note((*path, index))
            put_value(draw, writer, (*path, index), depth - 1)
            writer.write(draw(BLANKS) + ",")
        writer.write(draw(BLANKS) + "]")
    else:
        writer.write("{")
        for number, key in enumerate(draw(st.lists(KEYS, unique=True, max_size=3))):
            writer.write(" , " if number else " ")
            put_pair(draw, writer, path, key, depth - 1)
        writer.write(" }")


def put_pair(draw, writer, table, key, depth):
    dotted = (key, *draw(st.lists(KEYS, max_size=2)))
    writer.note((*table, *dotted))
    writer.write(" . ".join(draw(spelled_keys(part)) for part in dotted) + " = ")
    put_value(draw, writer, (*table, *dotted), depth)


@st.composite
def documents(draw):
    writer = Writer()
    put_body(draw, writer, ())
    for number in range(draw(st.integers(0, 3))):
        name = f"table {number}"
        match draw(st.sampled_from(["table", "subtable first", "array"])):
            case "table":
                put_table(draw, writer, (name,), f" [ '{name}' ]")
            case "subtable first":
                put_table(draw, writer, (name, "sub"), f"['{name}' . sub]")
                put_table(draw, writer, (name,), f'["{name}"]')
            case "array":
                for index in range(draw(st.integers(1, 3))):
                    put_table(draw, writer, (name, index), f'[["{name}"]]')
                    put_table(draw, writer, (name, index, "sub"), f'["{name}".sub]')
    return writer


def put_table(draw, writer, path, header):
    writer.note(path)
    writer.write(header + draw(st.sampled_from(["\n", " # x = 1\r\n"])))
    put_body(draw, writer, path)


def put_body(draw, writer, path):
    for key in draw(st.lists(KEYS.filter(lambda key: key != "sub"), unique=True, max_size=3)):
        put_pair(draw, writer, path, key, 2)
        writer.write(draw(st.sampled_from(["\n", ' # \' """\n', "\r\n\n"])))


@given(documents())
def test_every_key_of_any_document_has_the_line_it_was_written_on(writer):
    document = tomllib.loads(writer.text)
    assert line_index(writer.text) == writer.lines
    assert set(writer.lines) == paths_of(document)
