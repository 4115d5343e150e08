"""How several trusted roots stand in one file: JSON Lines, or an array; strictly."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.sigstore.root_documents import MAX_ROOTS, root_documents

ONE, TWO = {"mediaType": "a", "tlogs": []}, {"mediaType": "b"}


def lines(*documents, end="\n"):
    return (end.join(json.dumps(each) for each in documents) + end).encode()


def read(document):
    return root_documents(document, subject="roots")


def refused(document):
    with pytest.raises(Refused) as caught:
        read(document)
    return caught.value.reasons[0]


def test_a_single_document_is_called_as_the_file_is():
    for indent in (None, 0, 1):
        assert read(json.dumps(ONE, indent=indent).encode()) == (("roots", ONE),)
    assert read(lines(ONE)) == (("roots", ONE),)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_roots_each_called_by_its_number(end):
    assert read(lines(ONE, TWO, end=end)) == (("roots, line 1", ONE), ("roots, line 2", TWO))
    assert read(lines(ONE, TWO, end=end).rstrip()) == read(lines(ONE, TWO))


@pytest.mark.parametrize("indent", [None, 2])
def test_the_items_of_an_array_are_roots_each_called_by_its_place(indent):
    assert read(json.dumps([ONE, TWO], indent=indent).encode()) == (("roots, item 1", ONE), ("roots, item 2", TWO))


@pytest.mark.parametrize(
    ("document", "subject", "said"),
    [
        (lines(ONE) + b"\n" + lines(TWO), "roots, line 2", "line 2 is empty"),
        (lines(ONE, TWO) + b"\n", "roots, line 3", "line 3 is empty"),
        (lines(ONE, TWO) + b"  \r\n", "roots, line 3", "line 3 is empty"),
        (lines(ONE, ONE), "roots, line 2", "the same trusted root as roots, line 1"),
        (lines(ONE, TWO) + json.dumps(ONE, indent=None, separators=(",", ":")).encode(), "roots, line 3", "line 1"),
        (json.dumps([TWO, ONE, ONE]).encode(), "roots, item 3", "the same trusted root as roots, item 2"),
        (lines(ONE, TWO)[:-4], "roots, line 2", "not JSON"),
        (lines(ONE, TWO) + b"x", "roots, line 3", "not JSON"),
        (lines(ONE)[:-1] + json.dumps(TWO).encode() + b"\n" + lines(TWO), "roots, line 1", "the value ends at"),
        (b'{"a": 1, "a": 2}\n' + lines(TWO), "roots, line 1", "'a'"),
        (lines(ONE) + b"\xff\n", "roots, line 2", "not UTF-8"),
        (lines(ONE)[:-1] + json.dumps(TWO).encode(), "roots", "the value ends at"),
        (b"[]", "roots", "without a trusted root"),
        (json.dumps([ONE, TWO]).encode() + b"\n" + lines(ONE), "roots", "the value ends at"),
        (b"\n" + lines(ONE, TWO), "roots", "the value ends at"),
        (b"\xef\xbb\xbf" + lines(ONE, TWO), "roots", ""),
        (lines(ONE, TWO).decode().encode("utf-16"), "roots", ""),
        (b"", "roots", "not JSON"),
        (b"\n", "roots", "not JSON"),
    ],
)
def test_anything_wrong_refuses_all_and_says_where(document, subject, said):
    reason = refused(document)
    assert reason.subject == subject
    assert said in reason.message


@pytest.mark.parametrize("write", [lambda roots: lines(*roots), lambda roots: json.dumps(roots).encode()])
def test_there_is_a_bound(write):
    roots = [{"mediaType": str(number)} for number in range(MAX_ROOTS + 1)]
    assert len(read(write(roots[:-1]))) == MAX_ROOTS
    assert f"expected at most {MAX_ROOTS}" in refused(write(roots)).message
    assert "expected at most" in refused(b"{}\n" * 100_000).message


@given(st.binary(max_size=60))
def test_whatever_is_given_is_read_or_refused(document):
    with contextlib.suppress(Refused):
        assert read(b"{}\n" + document)
