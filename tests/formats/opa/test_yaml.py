"""YAML that nobody disputes."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.opa.yaml import parse


def value(text):
    return parse(text.encode(), subject="x").value


def code(data):
    with pytest.raises(Refused) as caught:
        parse(data if isinstance(data, bytes) else data.encode(), subject="x")
    return caught.value.reasons[0].code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1", {"a": 1}),
        ("- x\n- -7\n- 0\n- 9223372036854775807", ["x", -7, 0, 9223372036854775807]),
        ("a: 1.5\nb: -0.25\nc: 100.125", {"a": 1.5, "b": -0.25, "c": 100.125}),
        ("a:\nb: ~\nc: null\nd: true\ne: false", {"a": None, "b": None, "c": None, "d": True, "e": False}),
        ("a: 'yes'\nb: \"1.0\"\nc: '~'\nd: ''", {"a": "yes", "b": "1.0", "c": "~", "d": ""}),
        ("a: |\n  one\n  two\nb: >-\n  one\n  two", {"a": "one\ntwo\n", "b": "one two"}),
        ("{a: [b, {c: d}]}", {"a": ["b", {"c": "d"}]}),
        (
            "a: 1.2.3\nb: v1\nc: a b\nd: http://x/y\ne: -x\nf: x=y",
            {"a": "1.2.3", "b": "v1", "c": "a b", "d": "http://x/y", "e": "-x", "f": "x=y"},
        ),
        ("# comment\n---\na: b # c\n...\n", {"a": "b"}),
        ("'1': a", {"1": "a"}),
        ('a: "\\u00e9\\x41\\n"', {"a": "éA\n"}),
        ("text", "text"),
    ],
)
def test_the_subset_is_read(text, expected):
    assert value(text) == expected


WORDS = ["yes", "No", "ON", "off", "y", "N", "True", "FALSE", "Null", "NULL", "<<", "=", ".inf", "-.INF", ".NaN"]
NUMBERS = [
    "1.0",
    "1.50",
    "1e3",
    "1E-7",
    ".5",
    "5.",
    "-0",
    "-0.0",
    "+1",
    "012",
    "0o17",
    "0x1F",
    "0b1",
    "1_000",
    "1__",
    "0.00001",
    "1e400",
    "12345678901234567890.5",
]
BEYOND = ["9223372036854775808", "-9223372036854775809", "1" * 30, "0.1000000000000000055511151231257827"]
TIMES = ["190:20:30", "1:30", "2001-01-01", "2001-1-1 10:00:00", "2001-12-14t21:59:43.10-05:00"]


@pytest.mark.parametrize("scalar", [*WORDS, *NUMBERS, *BEYOND, *TIMES])
def test_plain_scalars_that_readers_dispute_are_refused(scalar):
    assert code(f"a: {scalar}") == "yaml.unsupported"
    assert code(f"[{scalar}]") == "yaml.unsupported"
    assert value(f"a: '{scalar}'") == {"a": scalar}


MARKED = ["a: &x 1", "a: &x 1\nb: *x", "a: !!str 1", "a: ! b", "!x {}", "%YAML 1.1\n---\na: b", "%TAG ! !x\n---\na: b"]
KEYS = ["a: 1\na: 2", "1: a", "true: a", "~: a", "? [a]\n: b", "? {a: b}\n: c", "<<: {a: 1}", "'<<': {}\n<<: {}"]


@pytest.mark.parametrize("text", [*MARKED, *KEYS, "--- a\n--- b"])
def test_constructions_that_readers_dispute_are_refused(text):
    assert code(text) == "yaml.unsupported"


BROKEN = ["", "# nothing", "a: [", "a: b: c", "\tx: 1", "'a", b"\xff", b"a: \0", "\x07"]


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_not_one_document_of_yaml_is_refused(data):
    assert code(data) == "yaml.invalid"


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\ufeff"])
def test_characters_that_end_a_line_for_some_readers_are_refused(character):
    assert code(f"a: 'x{character}y'") == "yaml.unsupported"


def test_depth_is_bounded():
    assert value("[" * 40 + "]" * 40) is not None
    assert code("[" * 513 + "]" * 513) == "json.too-deep"
    assert code("[" * 100_000) in ("json.too-deep", "yaml.invalid")


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
KEY = st.text("abcdé-_ ", min_size=1, max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | TEXT
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=10,
)


@given(TREES, st.sampled_from([None, True, False]), st.sampled_from([None, '"']))
def test_what_a_yaml_writer_writes_is_read_back_or_refused(tree, flow, style):
    written = yaml.safe_dump(tree, default_flow_style=flow, default_style=style, allow_unicode=True)
    try:
        read = value(written)
    except Refused as refused:
        assert {reason.code for reason in refused.reasons} <= {"yaml.unsupported", "yaml.invalid"}  # noqa: PT017
        return
    assert read == tree


@given(st.text(alphabet=" \n\t-:?[]{},&*!|>'\"%@`#abc01.~", max_size=60))
def test_any_text_is_read_as_a_yaml_reader_does_or_refused(text):
    try:
        read = value(text)
    except Refused:
        return
    assert read == yaml.load(text, Loader=yaml.CSafeLoader)
