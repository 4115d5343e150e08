"""One JSON value, one meaning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.json.strict_json import (
    LiteralFloat,
    LiteralInt,
    folds_to,
    loads,
    parse,
    parse_like_go,
    refuse_case_variants,
)

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def code(data, **options):
    with pytest.raises(Refused) as caught:
        loads(data, subject="x", **options)
    return caught.value.reasons[0].code


def like_go(data, **options):
    findings = []
    value = parse_like_go(data, subject="x", max_depth=512, findings=findings, **options).value
    return value, [(finding.code, finding.is_error) for finding in findings]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"null", None),
        (b" \t\r\n[true, false] \n", [True, False]),
        (b'{"a":{"b":-1.5e3}}', {"a": {"b": -1500.0}}),
        (b'"\\ud83d\\ude00 \\\\ud800 \\u0000"', "😀 \\ud800 \0"),
        (b'"\xf0\x9f\x98\x80\x7f\xe2\x80\xa8"', "😀\x7f\u2028"),
        (memoryview(b"[1]"), [1]),
    ],
)
def test_json_is_read(data, value):
    assert loads(data, subject="x") == value


NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"[1,]",
    b"{'a':1}",
    b"+1",
    b".5",
    b"tru",
    b'"\n"',
    b'"\\x"',
    b"/**/1",
    b"\x0c1",
    b"[01]",
    b"[1.]",
]
NOT_UTF8 = [b"\xff", b'"\xed\xa0\x80"', b'"\xc0\x80"', b"\xef\xbb\xbf1", '"a'.encode("utf-16"), "\u0661".encode()]


@pytest.mark.parametrize("data", [*NOT_JSON, *NOT_UTF8])
def test_what_is_not_json_in_utf8_is_refused(data):
    assert code(data) == "json.invalid"


@pytest.mark.parametrize("data", [b"NaN", b"[Infinity]", b'{"a":-Infinity}', b"1e999", b"-1e999", b"1" * 5000])
def test_numbers_that_readers_cannot_hold_are_refused(data):
    assert code(data) == "json.invalid"


@pytest.mark.parametrize("data", [rb'"\ud800"', rb'"\udc00"', rb'"\ud800\u0041"', rb'"\udc00\ud800"', rb'{"\ud800":1}'])
def test_lone_surrogates_are_refused(data):
    assert code(data) == "json.invalid"


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', rb'{"a":1,"\u0061":2}', b'[{"x":{"":1,"":2}}]'])
def test_duplicate_keys_are_refused(data):
    assert code(data) == "json.duplicate-key"


@pytest.mark.parametrize("data", [b"1 2", b"{}x", b"{} {}", b'"a"\0'])
def test_trailing_bytes_are_refused(data):
    assert code(data) == "json.trailing-data"


class TestDepth:
    def test_depth_is_bounded_exactly(self):
        for depth in (1, 7, 512):
            nested = b"[" * (depth - 1) + b"{}" + b"]" * (depth - 1)
            assert loads(nested, subject="x", max_depth=depth) is not None
            assert code(b"[" + nested + b"]", max_depth=depth) == "json.too-deep"

    def test_brackets_in_strings_do_not_count(self):
        data = json.dumps(["[" * 600, '"[{' * 300, {"[[": "]]"}, "\\"]).encode()
        assert loads(data, subject="x", max_depth=2) == json.loads(data)

    def test_wide_documents_are_not_deep(self):
        assert len(loads(b"[" + b"{}," * 2000 + b"[]]", subject="x", max_depth=2)) == 2001

    @pytest.mark.parametrize("data", [b"[" * 1_000_000, b'{"a":' * 100_000, b'["' + b"[" * 5000])
    def test_hostile_depth_is_refused_not_recursed_into(self, data):
        assert code(data) in ("json.too-deep", "json.invalid")

    @given(VALUES, st.integers(1, 4))
    def test_the_bound_is_the_depth_of_the_value(self, value, limit):
        data = json.dumps(value).encode()
        if depth(value) > limit:
            assert code(data, max_depth=limit) == "json.too-deep"
        else:
            assert loads(data, subject="x", max_depth=limit) == value


def depth(value):
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


class TestLiterals:
    @pytest.mark.parametrize("literal", ["1.0", "0.1", "-2.5", "1e-07", "1e+16", "12345678901234567890", "0", "-7"])
    def test_numbers_that_python_writes_alike_are_plain(self, literal):
        document = parse(literal.encode(), subject="x")
        assert document.plain
        assert repr(document.value) == literal

    @pytest.mark.parametrize("literal", ["1e0", "1E5", "1.50", "1e16", "0.00001", "-0.00", "1.0000000000000000001"])
    def test_other_fractions_keep_their_text(self, literal):
        document = parse(literal.encode(), subject="x")
        assert not document.plain
        assert isinstance(document.value, LiteralFloat)
        assert (document.value, document.value.literal) == (float(literal), literal)

    def test_minus_zero_keeps_its_text(self):
        value = loads(b"[-0, -0.5, 0]", subject="x")
        assert isinstance(value[0], LiteralInt)
        assert (value[0], value[0].literal, value[1:]) == (0, "-0", [-0.5, 0])

    @pytest.mark.parametrize("long", ["", "x" * 500, "x" * 5_000, "-0" * 5_000])
    @pytest.mark.parametrize(("number", "literal"), [("-0", "-0"), ("0", None), ("-10", None), ("7", None)])
    def test_minus_zero_keeps_its_text_beside_strings_of_any_length(self, long, number, literal):
        parsed = parse(f'["{long}", {number}]'.encode(), subject="x")
        assert parsed.value == [long, int(number)]
        assert getattr(parsed.value[1], "literal", None) == literal
        assert parsed.plain == (literal is None)


class TestCaseVariants:
    KNOWN = frozenset({"revision", "kid", "fileRego"})

    @pytest.mark.parametrize("key", ["Revision", "REVISION", "revi\u017fion", "\u212aid", "KID", "filerego"])
    def test_a_key_that_go_takes_for_a_known_one_is_refused(self, key):
        with pytest.raises(Refused) as caught:
            refuse_case_variants({"revision": 1, key: 2}, self.KNOWN, subject="x")
        assert [reason.code for reason in caught.value.reasons] == ["json.case-variant-key"]

    @pytest.mark.parametrize("key", ["revision", "revisio", "r\u0435vision", "k\u0131d", "K\u0130D", ""])
    def test_other_keys_are_not(self, key):
        assert folds_to(key, self.KNOWN) is None
        refuse_case_variants({key: 1}, self.KNOWN, subject="x")

    def test_hostile_numbers_of_variants_are_bounded(self):
        keys = {f"{'R' if each & 1 else 'r'}evision" + "" * each: 1 for each in range(9)}
        with pytest.raises(Refused) as caught:
            refuse_case_variants(keys, self.KNOWN, subject="x")
        assert len(caught.value.reasons) <= 100


class TestLikeGo:
    def test_the_last_duplicate_wins_and_is_reported(self):
        value, findings = like_go(b'{"a":1,"b":2,"a":3}')
        assert (value, list(value)) == ({"a": 3, "b": 2}, ["b", "a"])
        assert findings == [("json.duplicate-key", False)]

    def test_trailing_bytes_are_ignored_where_opa_ignores_them(self):
        assert like_go(b"{} x") == ({}, [("json.trailing-data", False)])
        with pytest.raises(Refused):
            like_go(b"{} x", ignore_trailing=False)

    def test_each_byte_that_is_not_utf8_becomes_one_replacement(self):
        assert like_go(b'"a\xff\xe2\x82z"') == ("a\ufffd\ufffd\ufffdz", [("json.invalid", False)])

    def test_lone_surrogates_become_replacements(self):
        assert like_go(rb'"\ud800\u0041 \udc00 \ud83d\ude00 \\ud800"')[0] == "\ufffdA \ufffd 😀 \\ud800"

    def test_clean_documents_have_no_findings(self):
        assert like_go(b' {"a":[1.0]} ') == ({"a": [1.0]}, [])

    @pytest.mark.parametrize("data", [b"", b"{", b"NaN", b"\xef\xbb\xbf1", b"[" * 600])
    def test_what_go_refuses_is_refused(self, data):
        with pytest.raises(Refused):
            like_go(data)

    def test_findings_are_bounded(self):
        assert len(like_go(b"{" + b'"a":1,' * 1000 + b'"a":1}')[1]) == 100


@given(VALUES)
def test_what_python_writes_is_read_back(value):
    assert loads(json.dumps(value).encode(), subject="x") == value
    assert loads(json.dumps(value, ensure_ascii=False).encode(), subject="x") == value


SHREDS = st.text(alphabet='[]{}",:\\u\udfff0123d8e+-. \n', max_size=60)


@given(st.binary(max_size=200) | SHREDS.map(lambda each: each.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_as_python_reads_them_or_refused(data):
    try:
        value = loads(data, subject="x")
    except Refused:
        return
    assert value == json.loads(data)


@st.composite
def documents(draw, depth=0):
    """JSON as text, in which keys may stand twice and strings hold what looks like structure."""
    text = st.text(alphabet='ab:,"\\[]{}\u00e9', max_size=3).map(json.dumps)
    blank = st.sampled_from(["", " ", "\n"])
    kind = draw(st.integers(0, 2 if depth < 3 else 0))
    inner = st.lists(documents(depth + 1), max_size=3)
    if kind == 0:
        return draw(text | st.sampled_from(["0", "-0", "1.50", "1e3", "null", "true"]))
    if kind == 1:
        return f"[{','.join(draw(inner))}]"
    members = [f"{draw(text)}{draw(blank)}:{draw(blank)}{value}" for value in draw(inner)]
    return f"{{{','.join(members)}}}"


def none_twice(pairs):
    if len(dict(pairs)) != len(pairs):
        raise KeyError("json.duplicate-key")
    return dict(pairs)


@given(documents())
def test_a_duplicate_key_is_found_wherever_it_stands(text):
    try:
        expected = json.loads(text, object_pairs_hook=none_twice)
    except KeyError:
        assert code(text.encode()) == "json.duplicate-key"
    else:
        document = parse(text.encode(), subject="x")
        assert document.value == expected
        assert document.plain == (literals(document.value) == [])


def literals(value):
    """The numbers of a value that Python would write differently, as they were written."""
    if isinstance(value, dict):
        return [literal for member in value.values() for literal in literals(member)]
    if isinstance(value, list):
        return [literal for member in value for literal in literals(member)]
    return [value.literal] if isinstance(value, LiteralFloat | LiteralInt) else []


@pytest.mark.parametrize("rest", [b"", b" x", b',"c":', b',"c":NaN}', b',"c":1e999}', b',"c":"\xc3\xa9:"}'])
def test_of_several_defects_a_duplicate_key_is_named_where_it_comes_first(rest):
    assert code(b'{"b":{"a":1,"a":2}' + rest) == "json.duplicate-key"


def test_a_defect_before_a_duplicate_key_is_named():
    assert code(b'{"a":1e999,"a":1}') == "json.invalid"


def test_colons_in_strings_are_no_members():
    assert loads(b'{"a:b":"c:\\":d","e":[":"]}', subject="x") == {"a:b": 'c:":d', "e": [":"]}
    assert code(b'{"a:b":":","a:b":""}') == "json.duplicate-key"
