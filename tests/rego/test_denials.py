from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.rego.organisation.denials import MAX_DENIALS, MAX_MESSAGE, denials_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def read(value):
    return denials_of(value, package=("release",), path="release.rego")


@given(st.lists(JSON, min_size=1))
def test_whatever_stands_in_the_set_denies(members):
    assert len(read(members)) == len(members)


@given(JSON)
def test_a_value_is_denials_or_refused(value):
    with suppress(Refused):
        assert all(denial.rule == "data.release.deny" and denial.message is not None for denial in read(value))


@pytest.mark.parametrize("value", [True, False, None, 0, "no", {"no": False}, {"no": 1}])
def test_what_is_no_set_of_messages_is_refused(value):
    with pytest.raises(Refused, match="not a set of messages"):
        read(value)


def test_messages_are_bounded():
    (denial,) = read(["x" * 10_000])
    assert len(denial.message) == MAX_MESSAGE


def test_more_denials_than_anyone_reads_are_refused():
    with pytest.raises(Refused, match="more than"):
        read(["x"] * (MAX_DENIALS + 1))
