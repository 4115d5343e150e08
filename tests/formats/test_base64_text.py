"""Base64 in one spelling."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.base64_text import decode


@given(st.binary())
def test_both_alphabets_are_read(content):
    assert decode(base64.b64encode(content).decode()) == content
    assert decode(base64.urlsafe_b64encode(content).decode()) == content


@given(st.text(alphabet="AB/+-_= \n\u0661", max_size=12))
def test_whatever_is_read_is_written_in_one_way(text):
    try:
        content = decode(text)
    except ValueError:
        return
    assert text in (base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode())


@pytest.mark.parametrize(
    "text", ["e30", "e31=", "e3==", "e30==", "e30=e30=", "=e30", "e3\n0=", "e30=\n", "+_+_", "\u0661"]
)
def test_other_spellings_are_refused(text):
    with pytest.raises(ValueError, match="base64"):
        decode(text)
