"""OPA's digests: published vectors, and the fast stream against the exact one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.json.strict_json import ParsedJson, loads, parse
from verifier.formats.opa.digest import (
    ALGORITHMS,
    WEAK_ALGORITHMS,
    canonical,
    digest,
    file_digest,
    is_structured,
    streams,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        (".manifest", b'{"revision": "quickbrownfaux"}', "a005c38a509dc2d5a7407b9494efb2ad"),
        ("data.json", b"true", "b326b5062b2f0e69046810717534cb09"),
        ("a/data.json", b'{"x": {"y": true}, "a": {"b": {"z": true}}}', "36669864a622563256817033b1fc53db"),
        ("x.rego", b"package example", "ceecc199d432a4eeae305914ea4816cb"),
    ],
)
def test_the_vectors_of_opa_hold(path, content, expected):
    assert file_digest(content, path=path, algorithm="MD5") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data.json", True),
        ("a/b/data.yaml", True),
        ("/.manifest", True),
        ("data.yml", True),
        ("patch.json", False),
        ("plan.json", False),
        ("xdata.json", False),
        ("data.json/x", False),
        ("x.manifest", False),
        ("DATA.JSON", False),
    ],
)
def test_the_base_name_decides_what_is_structured(path, expected):
    assert is_structured(path) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b'{"b":1,"a":2,"\xc3\xa9":3,"\xef\xbf\xbd":4,"\xf0\x9f\x98\x80":5}', '{"a":2,"b":1,"é":3,"\ufffd":4,"😀":5}'),
        (
            b"[1.0, 1, 1e0, 1E5, -0, -0.0, 0.10, 123456789012345678]",
            "[1.0,1,1e0,1E5,-0,-0.0,0.10,123456789012345678]",
        ),
        (rb'"\u0022\\\/\b\f\n\r\t\u0001\u001f\u007f<>&"', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<>&"'),
        (b'["\xe2\x80\xa8","\xe2\x80\xa9"]', '["\\u2028","\\u2029"]'),
        (b'[{},[],null,true,false,""]', '[{},[],null,true,false,""]'),
    ],
)
def test_the_stream_is_opas(source, expected):
    document = parse(source, subject="x")
    assert canonical(document.value) == expected.encode()
    assert canonical(document.value, plain=document.plain) == expected.encode()


@given(VALUES)
def test_the_fast_stream_is_the_exact_one(value):
    document = parse(json.dumps(value).encode(), subject="x")
    assert canonical(document.value, plain=document.plain) == canonical(document.value)


@given(VALUES)
def test_the_stream_is_json_of_the_same_value_and_its_own_stream(value):
    stream = canonical(value)
    again = loads(stream, subject="x")
    assert again == value
    assert canonical(again) == stream


@given(st.text(alphabet='bfu0\\"\b\f', max_size=12))
def test_the_stream_of_older_releases_holds_the_same_value(text):
    document = parse(json.dumps({text: text}).encode(), subject="x")
    found = list(streams(b"", path="data.json", parsed=document))
    assert all(loads(each, subject="x") == document.value for each in found)
    assert len(found) == (2 if "\b" in text or "\f" in text else 1)
    assert all(b"\\b" not in each.replace(b"\\\\", b"") for each in found[1:])


def test_a_file_that_only_some_releases_parse_has_both_streams():
    document = ParsedJson(value={"a": 1}, plain=True)
    assert list(streams(b"a: 1", path="x/data.yml", parsed=document)) == [
        b'{"a":1}',
        b"a: 1",
    ]


def test_one_byte_order_mark_is_stripped_for_the_digest():
    plain = file_digest(b"{}", path="data.json")
    assert file_digest(b"\xef\xbb\xbf{}", path="data.json") == plain
    with pytest.raises(Refused):
        file_digest(b"\xef\xbb\xbf\xef\xbb\xbf{}", path="data.json")


def test_yaml_is_hashed_as_the_json_it_means():
    assert file_digest(b"b: [x, 1.5]\na:\n", path="data.yaml") == file_digest(
        b'{"a":null,"b":["x",1.5]}', path="data.json"
    )
    assert file_digest(b'{"a": 1.0}', path="data.yaml") == file_digest(b'{"a":1.0}', path="data.json")


def test_deep_values_need_no_stack():
    value = loads(b"[" * 512 + b"1e0" + b"]" * 512, subject="x")
    assert canonical(value) == b"[" * 512 + b"1e0" + b"]" * 512


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_of_opa_is_known(name):
    lengths = {"MD5": 32, "SHA-1": 40}
    assert len(digest(b"", name)) == lengths.get(name, int(name[-3:]) // 4 if name not in lengths else 0)


def test_names_are_case_sensitive_and_broken_functions_are_marked():
    assert "sha-256" not in ALGORITHMS
    assert {"MD5", "SHA-1"} == WEAK_ALGORITHMS
