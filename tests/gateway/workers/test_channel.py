"""What a judge and its workers say to each other: what is not of the form ends the channel, whatever it is."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.gateway.workers.channel import Channel, NotUnderstoodError, _parsed


def record(head: bytes, rest: bytes = b"") -> bytes:
    return len(head).to_bytes(4, "big") + head + rest


def heard_of(said: bytes) -> tuple[list, list[str]]:
    """What a judge hears of these bytes, and why it has ended the channel."""
    heard, ended = [], []

    def hear(head, contents):
        heard.append((head, contents))
        head["number"].encode("latin-1")[int(head["at"])]

    async def converse():
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            channel = Channel(ours, most=100, heard=hear, ended=ended.append)
            theirs.send(said)
            while not (heard or ended):
                await asyncio.sleep(0)
            channel.close()

    asyncio.run(converse())
    return heard, ended


def test_a_record_of_the_form_is_heard():
    heard, ended = heard_of(record(b'{"number": "a", "at": "0"}', b"\0\0\0\0\x02hi"))
    assert heard == [({"number": "a", "at": "0"}, [b"hi"])]
    assert ended == [""]


@pytest.mark.parametrize(
    "said",
    [
        record(b'{"number": "a", "at": "\xc2\xb2"}'),
        record(b'{"number": "\xe2\x82\xac", "at": "0"}'),
        record(b'{"number": "a", "at": "1"}'),
        record(b'{"at": "1"}'),
        record(b'{"at": "1", "at": "1"}'),
        record(b"[]"),
        record(b"{}", b"\0\0\0\0\x02h"),
        record(b"{}", b"\1"),
        record(b"{}", b"\2"),
        b"\0\0\0\xff{}",
        b"{}",
    ],
    ids=["digit", "letter", "length", "missing", "twice", "list", "short", "no-file", "kind", "long", "bare"],
)
def test_what_cannot_be_used_ends_the_channel(said):
    _, ended = heard_of(said)
    assert len(ended) == 1
    assert "not understood" in ended[0]


@given(st.one_of(st.binary(max_size=64), st.builds(record, st.binary(max_size=24), st.binary(max_size=40))))
def test_any_bytes_are_a_record_or_not_understood(said):
    try:
        head, contents = _parsed(said, [], 100)
    except (NotUnderstoodError, Refused):
        return
    assert isinstance(head, dict)
    assert all(isinstance(each, bytes) for each in contents)
