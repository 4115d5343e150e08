"""URLs, and which addresses a connection may lead to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.text.shown import shown
from verifier.net.address import NotAllowedError, Origin, Reach, parse_web_address

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "192.0.0.192",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::a9fe:a9fe",
    "fec0::1",
    "5f00::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_by_itself_or_by_what_it_stands_for_is_out_of_reach(address):
    assert not Reach.PUBLIC.allows(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_a_public_address_is_within_reach(address):
    assert Reach.PUBLIC.allows(address)


def test_loopback_is_loopback_only():
    allowed = [address for address in PRIVATE if Reach.LOOPBACK.allows(address)]
    assert set(allowed) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert {"127.0.0.1", "::1"} <= set(allowed)


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://Host.Example/a", ("https", "host.example", 443), "/a"),
        ("HTTP://h:8080", ("http", "h", 8080), "/"),
        ("https://h?x=1#y", ("https", "h", 443), "/?x=1"),
        ("https://[::1]:5000/v2/", ("https", "::1", 5000), "/v2/"),
        ("https://h/a b/%41?q=a b", ("https", "h", 443), "/a%20b/%41?q=a%20b"),
    ],
)
def test_a_url_is_taken_apart(url, origin, target):
    address = parse_web_address(url)
    assert (address.origin, address.target) == (Origin(scheme=origin[0], host=origin[1], port=origin[2]), target)


@pytest.mark.parametrize(
    "url", ["https://user:secret@h/a?token=secret#x", "https://secret@h/", "x?secret", "secret@h:1"]
)
def test_what_a_report_says_of_a_url_holds_no_secret(url):
    assert "secret" not in shown(url)


def test_a_password_that_looks_like_a_port_is_not_repeated():
    with pytest.raises(NotAllowedError) as refused:
        parse_web_address("https://user:secret")
    assert "secret" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_a_value_error(text):
    for url in (text, f"https://{text}"):
        assert isinstance(shown(url), str)
        try:
            address = parse_web_address(url)
        except ValueError:
            continue
        assert address.target.startswith("/")
        assert address.target.isascii()
        assert not set(address.target) & set(" \r\n\t\x00")
