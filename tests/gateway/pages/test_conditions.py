"""If-None-Match and Prefer, as clients write them and as attackers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.gateway.pages.conditions import is_unchanged, seconds_to_wait

ETAG = b'"sha256:' + b"ab" * 32 + b'"'
tags = st.binary(max_size=40).map(
    lambda raw: b'"' + bytes(byte for byte in raw if byte == 0x21 or 0x23 <= byte <= 0x7E or byte >= 0x80) + b'"'
)
weakly = st.tuples(st.sampled_from([b"", b"W/"]), tags).map(b"".join)
blanks = st.sampled_from([b"", b" ", b"\t", b"  ", b" , "])


@given(st.lists(weakly, max_size=6), st.sampled_from([b"", b"W/"]), st.lists(weakly, max_size=6), blanks)
def test_a_tag_in_a_list_is_found_wherever_it_stands(before, weak, after, blank):
    condition = (b"," + blank).join([*before, weak + ETAG, *after])
    assert is_unchanged(condition, ETAG)


@given(st.lists(weakly, min_size=1, max_size=6))
def test_a_list_without_it_matches_nothing(others):
    assert is_unchanged(b", ".join(others), ETAG) == any(each.removeprefix(b"W/") == ETAG for each in others)


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_read_without_an_error(noise):
    assert is_unchanged(noise, ETAG) in {True, False}
    assert 0 <= seconds_to_wait(noise, longest=60) <= 60


@given(st.binary(max_size=60))
def test_noise_around_a_tag_never_makes_another_tag_match(noise):
    assert not is_unchanged(noise.replace(b"*", b""), b'"' + b"0" * 64 + b'"')


@pytest.mark.parametrize(
    "malformed", [ETAG + b'"', ETAG + b" x", b"x " + ETAG, ETAG[:-1], b"w/" + ETAG, b'"a" ' + ETAG]
)
def test_what_is_malformed_matches_nothing(malformed):
    assert not is_unchanged(malformed, ETAG)


def test_a_long_list_of_blanks_is_read_once():
    assert not is_unchanged(b" ," * 1_000_000, ETAG)
    assert not is_unchanged(b'"' * 1_000_001, ETAG)


@given(
    st.integers(0, 10**9 - 1), st.sampled_from(["modes=snapshot,delta;wait={}", "wait={}", "Wait = {}, x", "a;WAIT={}"])
)
def test_a_wait_is_read_and_bounded(seconds, spelling):
    assert seconds_to_wait(spelling.format(seconds).encode(), longest=600) == min(seconds, 600)


def test_the_first_wait_counts():
    assert seconds_to_wait(b"wait=3, wait=30", longest=600) == 3
